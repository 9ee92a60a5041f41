//! Runs work that recurses over syntax trees on a stack that holds the deepest tree the parser lets through.

/// Is the size of that stack; only what is touched is ever backed by memory.
const STACK_BYTES: usize = 256 << 20;

/// Runs `work` on a thread of its own with a large stack.
pub(crate) fn with_big_stack<X: Send>(work: impl FnOnce() -> X + Send) -> X {
    std::thread::scope(|scope| {
        match std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work) {
            Ok(handle) => match handle.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            },
            Err(e) => std::panic::panic_any(format!("no memory for the compiler's stack: {e}")),
        }
    })
}
