//! The dialogs of the account, which scripts open.

use super::shell::NOTES_LIMIT;
use crate::api::answers::LONGEST;
use maud::{Markup, html};

/// The account, and the choice between two texts that were changed at the same time.
pub(super) fn dialogs() -> Markup {
    html! {
        (account())
        (conflict())
    }
}

fn account() -> Markup {
    html! {
        dialog #account-dialog aria-labelledby="account-title" {
            h2 #account-title tabindex="-1" { "Account" }
            p #account-status role="status" {}
            section data-account="insecure" hidden {
                p { "Without a secure connection a browser lets no page encrypt, and nothing leaves it unencrypted: an account cannot be used here." }
                p { "On the machine that runs the server, open the page at " code { "http://127.0.0.1" } " with its port. From other machines, open it over https: with a proxy with TLS in front, started with " code { "--allow-host" } " and its name." }
            }
            section data-account="out" hidden {
                p { "With an account, your notes, answers, inputs, hints and progress are the same in all your browsers. They are encrypted in the browser, and this server cannot read them." }
                button.primary type="button" #account-create { "Create an account" }
                form #account-join autocomplete="off" {
                    h3 { "You have an account" }
                    label for="account-key" { "Its sync key" }
                    textarea.formula #account-key rows="3" spellcheck="false" autocapitalize="characters"
                        autocorrect="off" aria-describedby="account-key-message" {}
                    p #account-key-message role="status" {}
                    button type="submit" { "Sign in" }
                }
            }
            section data-account="key" hidden {
                p { "This is your sync key. It is shown this once, and nobody can give it to you again: keep it where you keep passwords. Whoever has it can read and change what you keep." }
                p { code.sync-key #account-new-key tabindex="0" role="group" aria-label="Your sync key" {} }
                div.row {
                    button type="button" #account-copy { "Copy" }
                    a.button #account-save download="fisherinfo-sync-key.txt" href="#account-save" { "Save as file" }
                }
                p { "The account is made when you go on." }
                div.row {
                    button.primary type="button" #account-kept { "I have kept the key" }
                    button type="button" #account-discard { "Not now" }
                }
            }
            section data-account="in" hidden {
                p #account-name.small {}
                div.row {
                    button type="button" #account-now { "Synchronise now" }
                    button type="button" #account-decide hidden { "Decide between texts" }
                    button type="button" #account-export { "Export everything" }
                }
                form #account-leave {
                    h3 { "Sign out" }
                    fieldset {
                        legend { "What you typed in this browser" }
                        label.option { input type="radio" name="keep" value="keep" checked; span { "stays here" } }
                        label.option { input type="radio" name="keep" value="remove"; span { "is removed from this browser, and stays in the account" } }
                    }
                    button type="submit" { "Sign out" }
                }
                details {
                    summary { h3 { "Delete the account" } }
                    form #account-delete autocomplete="off" {
                        p { "Everything of it is deleted from this server, at once and for good. What is in this browser stays." }
                        label for="account-delete-word" { "Type the word delete" }
                        input #account-delete-word type="text" spellcheck="false" autocapitalize="off" aria-describedby="account-delete-message";
                        p #account-delete-message role="status" {}
                        button type="submit" { "Delete the account" }
                    }
                }
            }
            div.row { button type="button" #account-close { "Close" } }
        }
    }
}

fn conflict() -> Markup {
    html! {
        dialog.wide #conflict-dialog aria-labelledby="conflict-title" aria-describedby="conflict-what"
            data-notes-limit=(NOTES_LIMIT) data-answer-limit=(LONGEST) {
            h2 #conflict-title tabindex="-1" { "Changed in two places" }
            p #conflict-what {}
            div.two {
                div {
                    label for="conflict-mine" { "Mine, in this browser" }
                    textarea #conflict-mine rows="10" readonly {}
                }
                div {
                    label for="conflict-other" { "The other, from the account" }
                    textarea #conflict-other rows="10" readonly {}
                }
            }
            p #conflict-message role="status" {}
            div.row {
                button type="button" #conflict-keep-mine { "Keep mine" }
                button type="button" #conflict-keep-other { "Keep the other" }
                button type="button" #conflict-keep-both { "Keep both" }
                button.quiet type="button" #conflict-later { "Decide later" }
            }
        }
    }
}
