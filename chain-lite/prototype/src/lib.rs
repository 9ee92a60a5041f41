//! Holds nothing: the prototype is in `tests`.
