//! What is said to those who are not let in, or ask for what is not there.

use super::shell::message;
use maud::{Markup, html};

/// Without a cookie.
pub(crate) fn locked() -> Markup {
    let text = html! {
        p { "This browser has not been let in yet. Open the link that " code { "fisher serve" } " printed in the terminal: it begins with the address of this page and ends with a token." }
        p { "If the server was restarted, it printed a new link. What you typed before is kept in this browser and comes back when you open it." }
    };
    message("The link is needed", &text)
}

/// With a token that is wrong or was used.
pub(crate) fn spent() -> Markup {
    let text = html! {
        p { "This link was used already, or belongs to an earlier start of the server. Whenever a link has been used, the server prints the next one: open that." }
        p { "What you typed before is kept in this browser." }
    };
    message("This link is spent", &text)
}

/// Nothing of this name.
pub(super) fn missing() -> Markup {
    let text =
        html! { p { "There is nothing at this address. " a href="/" { "To the library" } "." } };
    message("Not here", &text)
}
