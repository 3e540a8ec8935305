//! From what authors write to HTML that can be trusted: everything that comes out of here has passed
//! a sanitiser, whoever wrote what went in.

pub(crate) mod code;
pub(crate) mod html;
pub(crate) mod markdown;
pub(crate) mod math;
