//! Shows the opening of frames to inspectors.

use super::{context::FusorContext, machine::Machine};
use revm::{
    Database, Inspector,
    context_interface::{ContextTr, JournalTr, context::ContextError},
    handler::{EthFrame, EvmTr, FrameResult, ItemOrResult, evm::FrameInitResult},
    inspector::{
        InspectorEvmTr,
        handler::{frame_end, frame_start},
    },
    interpreter::{CallOutcome, interpreter::EthInterpreter, interpreter_action::FrameInit},
};

type Opened<'a, DB> =
    Result<FrameInitResult<'a, EthFrame<EthInterpreter>>, ContextError<<DB as Database>::Error>>;

/// Does as revm's `inspect_frame_init`, and knows that a call which fails at once may leave fewer logs than
/// there were: those of the assets that moved ahead of it are undone with it.
pub(super) fn frame_init<DB, I>(machine: &mut Machine<DB, I>, mut init: FrameInit) -> Opened<'_, DB>
where
    DB: Database,
    I: Inspector<FusorContext<DB>, EthInterpreter>,
{
    let (ctx, inspector) = machine.ctx_inspector();
    if let Some(mut output) = frame_start(ctx, inspector, &mut init.frame_input) {
        frame_end(ctx, inspector, &init.frame_input, &mut output);
        return Ok(ItemOrResult::Result(output));
    }
    let input = init.frame_input.clone();
    let known = ctx.journal().logs().len();
    let ended = match machine.frame_init(init)? {
        ItemOrResult::Item(_) => None,
        ItemOrResult::Result(output) => Some(output),
    };
    let (ctx, inspector) = machine.ctx_inspector();
    let logs = ctx.journal().logs().get(known..).unwrap_or_default().to_vec();
    logs.into_iter().for_each(|log| inspector.log(ctx, log));
    let Some(mut output) = ended else {
        let (ctx, inspector, frame) = machine.ctx_inspector_frame();
        inspector.initialize_interp(&mut frame.interpreter, ctx);
        return Ok(ItemOrResult::Item(frame));
    };
    if let FrameResult::Call(CallOutcome { was_precompile_called: true, precompile_call_logs, .. }) = &output
    {
        precompile_call_logs.clone().into_iter().for_each(|log| inspector.log(ctx, log));
    }
    frame_end(ctx, inspector, &input, &mut output);
    Ok(ItemOrResult::Result(output))
}
