//! The outputs of a code cell, of nbformat 3 and 4 alike.

use super::super::limits::{MAX_OUTPUTS, MAX_TEXT};
use super::super::terminal::plain;
use super::super::{Media, Output};
use super::lenient::{Place, Sink};
use super::media::{Bundle, compact};
use super::notebook::Reading;
use super::text::{Lines, Text, next_key, next_name, next_text};
use serde::de::{IgnoredAny, MapAccess, SeqAccess};

/// The outputs of a cell, each read on its own.
pub(super) struct Outputs<'a> {
    reading: &'a Reading,
    pub(super) list: Vec<Output>,
    beyond: usize,
}

impl<'a> Outputs<'a> {
    pub(super) fn new(reading: &'a Reading) -> Self {
        Self {
            reading,
            list: Vec::new(),
            beyond: 0,
        }
    }

    pub(super) fn finish(mut self) -> Vec<Output> {
        if self.beyond > 0 {
            self.list.push(Output::Notice(format!(
                "{} more outputs are not shown: a notebook may have {MAX_OUTPUTS}",
                self.beyond
            )));
        }
        self.list
    }
}

impl Sink for Outputs<'_> {
    fn list<'de, A: SeqAccess<'de>>(&mut self, mut list: A) -> Result<(), A::Error> {
        loop {
            let left = self.reading.outputs_left.get();
            if left == 0 {
                if list.next_element::<IgnoredAny>()?.is_none() {
                    return Ok(());
                }
                self.beyond += 1;
                continue;
            }
            let mut output = RawOutput::default();
            if list.next_element_seed(Place(&mut output))?.is_none() {
                return Ok(());
            }
            self.reading.outputs_left.set(left - 1);
            self.list.push(output.finish());
        }
    }
}

/// The keys of an output, whatever its kind: its kind may come last.
#[derive(Default)]
struct RawOutput {
    kind: Option<String>,
    /// The stream of a stream: `name`, in nbformat 3 `stream`.
    stream: Option<String>,
    text: Option<Text>,
    error_name: Option<Text>,
    error_value: Option<Text>,
    traceback: Option<Lines>,
    bundle: Bundle,
}

impl Sink for RawOutput {
    fn object<'de, A: MapAccess<'de>>(&mut self, mut object: A) -> Result<(), A::Error> {
        let object = &mut object;
        while let Some(key) = next_key(object)? {
            match key.as_str() {
                "output_type" => self.kind = next_name(object)?,
                "name" | "stream" => self.stream = next_name(object)?,
                "text" => self.text = Some(next_text(object, MAX_TEXT)?),
                "ename" => self.error_name = Some(next_text(object, MAX_TEXT)?),
                "evalue" => self.error_value = Some(next_text(object, MAX_TEXT)?),
                "traceback" => {
                    let mut lines = Lines(Text::new(MAX_TEXT));
                    object.next_value_seed(Place(&mut lines))?;
                    self.traceback = Some(lines);
                }
                "data" => object.next_value_seed(Place(&mut self.bundle))?,
                // nbformat 3 has the representations beside the other keys.
                "html" => self.bundle.read("text/html", object)?,
                "latex" => self.bundle.read("text/latex", object)?,
                "svg" => self.bundle.read("image/svg+xml", object)?,
                "png" => self.bundle.read("image/png", object)?,
                "jpeg" => self.bundle.read("image/jpeg", object)?,
                "javascript" => self.bundle.read("application/javascript", object)?,
                "json" => {
                    let text = next_text(object, MAX_TEXT)?.cut();
                    let media = match serde_json::from_str::<serde_json::Value>(&text) {
                        Ok(_) => Media::Json(compact(&text)),
                        Err(_) => Media::Text(text),
                    };
                    self.bundle.put("application/json", media);
                }
                _ => drop(object.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

impl RawOutput {
    fn finish(mut self) -> Output {
        let terminal = |text: Option<Text>| plain(&text.map(Text::cut).unwrap_or_default());
        match self.kind.as_deref() {
            Some("stream") => Output::Stream {
                name: self.stream.unwrap_or_else(|| "stdout".into()),
                text: terminal(self.text),
            },
            Some("execute_result" | "display_data" | "update_display_data" | "pyout") => {
                if self.text.is_some() {
                    let text = Media::Text(terminal(self.text));
                    self.bundle.put("text/plain", text);
                }
                Output::Display {
                    alternatives: self.bundle.sorted(),
                }
            }
            Some("error" | "pyerr") => Output::Error {
                name: terminal(self.error_name),
                value: terminal(self.error_value),
                traceback: plain(&self.traceback.map(Lines::joined).unwrap_or_default()),
            },
            Some(kind) => Output::Notice(format!(
                "an output of the unknown kind «{kind}» is not shown"
            )),
            None => Output::Notice("an output that does not say what it is is not shown".into()),
        }
    }
}
