//! An event as text for people.

use std::io::{self, Write};

use bytesize::ByteSize;

use crate::cli::exchange_text;
use crate::cli::output::{lines, one_line, output_text};
use crate::store::{AttemptDetail, DeliveryDetail, DeliveryState, EventDetail};

pub fn print(out: &mut impl Write, event: &EventDetail) -> io::Result<()> {
    writeln!(out, "event {}, accepted {}{}", event.seq.0, event.accepted_at, hops(event.hops))?;
    writeln!(out, "{}", lines(&event.json))?;
    if event.deliveries.is_empty() {
        writeln!(out, "\nit matched no handler's filter")?;
    }
    event.deliveries.iter().try_for_each(|delivery| print_delivery(out, delivery))
}

fn hops(hops: u32) -> String {
    match hops {
        0 => String::new(),
        1 => ", emitted by a handler".to_owned(),
        hops => format!(", emitted by a handler, {hops} hops from outside"),
    }
}

fn print_delivery(out: &mut impl Write, delivery: &DeliveryDetail) -> io::Result<()> {
    writeln!(out, "\nhandler {}: {}", one_line(&delivery.handler), state(&delivery.state))?;
    if let DeliveryState::Settled { output, .. } = &delivery.state {
        let text = output_text(output);
        if !text.is_empty() {
            writeln!(out, "{}", lines(&text))?;
        }
    }
    delivery.attempts.iter().try_for_each(|attempt| print_attempt(out, attempt))
}

fn state(state: &DeliveryState) -> String {
    match state {
        DeliveryState::Pending { attempts: 0, due_at: None } => "pending, waits for its turn".to_owned(),
        DeliveryState::Pending { attempts, due_at: None } => {
            format!("pending after {attempts} attempts, waits for its turn")
        }
        DeliveryState::Pending { attempts, due_at: Some(at) } => {
            format!("pending after {attempts} attempts, due at {at}")
        }
        DeliveryState::Leased { attempt } => {
            format!("attempt {attempt} is running, or was lost with its host and will run again")
        }
        DeliveryState::Settled { status, error: None, .. } => status.as_str().to_owned(),
        DeliveryState::Settled { status, error: Some(error), .. } => {
            format!("{}: {}", status.as_str(), one_line(error))
        }
    }
}

fn print_attempt(out: &mut impl Write, attempt: &AttemptDetail) -> io::Result<()> {
    let message = attempt.message.as_deref().filter(|message| !message.is_empty());
    let reason = message.map_or_else(String::new, |message| format!(": {}", one_line(message)));
    writeln!(out, "\n  attempt {}: {}{reason}", attempt.number, attempt.verdict)?;
    let figures = &attempt.figures;
    writeln!(
        out,
        "    finished {}, fuel {}, memory {}, {} us",
        attempt.finished_at,
        figures.fuel,
        ByteSize(figures.peak_memory_bytes),
        figures.duration_us
    )?;
    writeln!(out, "    module sha256 {} on {}", attempt.handler_sha256, one_line(&attempt.engine))?;
    for (level, text) in &attempt.logs {
        writeln!(out, "    {level:5} {}", indented(text, "          "))?;
    }
    for line in attempt.exchanges.iter().flat_map(exchange_text::lines_of) {
        writeln!(out, "    {line}")?;
    }
    match &attempt.backtrace {
        Some(backtrace) => writeln!(out, "    {}", indented(backtrace, "    ")),
        None => Ok(()),
    }
}

/// The lines of a text, the second and later ones set in as deep as the first.
fn indented(text: &str, indent: &str) -> String {
    lines(text).replace('\n', &format!("\n{indent}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::show::tests::event;
    use crate::clock::UnixMillis;

    fn text(state: DeliveryState) -> String {
        let mut out = Vec::new();
        print(&mut out, &event(state)).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_pending_event_says_when_it_is_due_and_what_happened() {
        let text = text(DeliveryState::Pending { attempts: 1, due_at: Some(UnixMillis(0)) });
        for part in [
            "handler h: pending after 1 attempts, due at 1970-01-01T00:00:00.000Z",
            "  attempt 1: trap: unreachable",
            "fuel 7, memory 64.0 KiB, 9 us",
            "    info  hi\n          there",
            "    0: boom\n    1: main",
            "    GET https://a.example/\n      status 200, hi\\nthere\n",
        ] {
            assert!(text.contains(part), "no {part:?} in\n{text}");
        }
    }
}
