//! Writes solc's source map: one `start:length:file:jump` entry an instruction, fields that repeat left out.

use super::asm::JumpKind;
use super::assemble::Placed;

/// Writes the map of a module's instructions.
pub(super) fn source_map(placed: &[Placed]) -> String {
    let mut last: [String; 4] = Default::default();
    let mut out = String::new();
    for (at, inst) in placed.iter().enumerate() {
        if at > 0 {
            out.push(';');
        }
        let fields = fields(inst);
        let changed = fields.iter().zip(&last).rposition(|(new, old)| new != old);
        let entry: Vec<&str> = fields
            .iter()
            .zip(&last)
            .take(changed.map_or(0, |position| position + 1))
            .map(|(new, old)| if new == old { "" } else { new.as_str() })
            .collect();
        out.push_str(&entry.join(":"));
        last = fields;
    }
    out
}

fn fields(inst: &Placed) -> [String; 4] {
    let jump = match inst.jump {
        JumpKind::Regular => "-",
        JumpKind::Into => "i",
        JumpKind::OutOf => "o",
    };
    let file = if inst.span.is_none() { "-1".to_owned() } else { inst.span.file.to_string() };
    [inst.span.start.to_string(), inst.span.len.to_string(), file, jump.to_owned()]
}
