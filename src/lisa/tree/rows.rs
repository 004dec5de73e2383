//! The board as rows of text that fit the terminal: first what is over, folded, then what is in work, then what waits.

use std::time::Duration;

use lisa_deploy::event::AssetStep;
use lisa_deploy::status::StackStatus;

use super::board::{Board, StackRow, State};
use crate::progress::{asset, clock};
use crate::report::Look;

/// Spinners with and without line-drawing characters.
const FRAMES: [&[&str]; 2] = [&["|", "/", "-", "\\"], &["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧"]];
/// How long a spinner stays.
const FRAME: Duration = Duration::from_millis(125);

/// The mark in front of a row.
#[derive(Clone, Copy)]
enum Mark {
    Done,
    Busy,
    Waiting,
    Failed,
    Skipped,
}

impl Mark {
    /// The mark's sign and its colour as a parameter of the terminal's `SGR` sequence.
    fn sign(self, look: Look, now: Duration) -> (&'static str, u8) {
        let pick = |plain, fancy| if look.colour { fancy } else { plain };
        match self {
            Self::Done => (pick("+", "✓"), 32),
            Self::Busy => {
                let frames = FRAMES[usize::from(look.colour)];
                let turn = now.as_millis() / FRAME.as_millis();
                (frames[usize::try_from(turn).unwrap_or_default() % frames.len()], 36)
            }
            Self::Waiting => (pick(".", "·"), 2),
            Self::Failed => (pick("x", "✗"), 31),
            Self::Skipped => (pick("-", "-"), 2),
        }
    }
}

/// A row before it is fitted.
struct Row {
    mark: Mark,
    name: String,
    says: String,
    time: Option<Duration>,
}

/// What the screen shows while it goes on.
pub(super) fn live(board: &Board, now: Duration, look: Look) -> Vec<String> {
    let mut rows: Vec<Row> = assets(board);
    rows.extend(finished(board));
    let (busy, waiting): (Vec<&StackRow>, Vec<&StackRow>) = board
        .stacks
        .iter()
        .filter(|stack| !matches!(stack.state, State::Done { .. }))
        .partition(|stack| !matches!(stack.state, State::Waiting(_) | State::Skipped(_)));
    rows.extend(busy.into_iter().chain(waiting).map(|stack| row(stack, now)));
    rows.extend(parts(board));
    if let Some(retry) = board.retry.as_ref().filter(|retry| retry.until > now) {
        let says = format!("{}; again in {}", retry.says, clock(retry.until.saturating_sub(now)));
        rows.push(Row { mark: Mark::Waiting, name: "retry".to_owned(), says, time: None });
    }
    fitted(&rows, now, look)
}

/// What stays on the screen: every stack and asset with what came of it.
pub(super) fn last(board: &Board, now: Duration, look: Look) -> Vec<String> {
    let mut rows: Vec<Row> = assets(board);
    rows.extend(board.stacks.iter().map(|stack| row(stack, now)));
    // What came of the others is said in the report.
    rows.extend(parts(board).into_iter().filter(|row| matches!(row.mark, Mark::Done)));
    fitted(&rows, now, look)
}

/// Stacks that are done, in one row.
fn finished(board: &Board) -> Option<Row> {
    let done = board.stacks.iter().filter(|stack| matches!(stack.state, State::Done { .. }));
    let names: Vec<&str> = done.map(|stack| stack.name.as_str()).collect();
    let name = format!("{} of {}", names.len(), board.stacks.len());
    (!names.is_empty()).then(|| Row { mark: Mark::Done, name, says: names.join(", "), time: None })
}

/// Assets that are done, in one row, and one for each that is not.
fn assets(board: &Board) -> Vec<Row> {
    let is_done = |step: &AssetStep| matches!(step, AssetStep::Done { .. });
    let done = board.assets.iter().filter(|(_, step)| is_done(step)).count();
    let changed = |step: &AssetStep| matches!(step, AssetStep::Done { changed: true, .. });
    let changed = board.assets.iter().filter(|(_, step)| changed(step)).count();
    let says = format!("{done} of {} in place, {} unchanged", board.assets.len(), done - changed);
    let folded = Row { mark: Mark::Done, name: "assets".to_owned(), says, time: None };
    let open = board.assets.iter().filter(|(_, step)| !is_done(step)).map(|(name, step)| {
        let mark = if matches!(step, AssetStep::Failed(_)) { Mark::Failed } else { Mark::Busy };
        Row { mark, name: name.clone(), says: asset(step), time: None }
    });
    (done > 0).then_some(folded).into_iter().chain(open).collect()
}

fn parts(board: &Board) -> Vec<Row> {
    let part = |(what, status): (&String, &Option<u16>)| {
        let ready = status.is_some_and(|status| (200..300).contains(&status));
        let says = match status {
            Some(_) if ready => "answers".to_owned(),
            Some(status) => format!("answers {status}, not ready yet"),
            None => "does not answer yet".to_owned(),
        };
        let mark = if ready { Mark::Done } else { Mark::Busy };
        Row { mark, name: what.clone(), says, time: None }
    };
    board.parts.iter().map(part).collect()
}

fn row(stack: &StackRow, now: Duration) -> Row {
    let (mark, says) = match &stack.state {
        State::Waiting(stacks) if stacks.is_empty() => (Mark::Waiting, "waits".to_owned()),
        State::Waiting(stacks) => (Mark::Waiting, format!("waits for {}", stacks.join(", "))),
        State::Planning => (Mark::Busy, "plans its changes".to_owned()),
        State::Working(status) => (Mark::Busy, working(stack, *status, now)),
        State::Done { changed: false } => (Mark::Done, "unchanged".to_owned()),
        State::Done { changed: true } => (Mark::Done, "done".to_owned()),
        State::Failed(status) => (Mark::Failed, format!("failed, now {status}")),
        State::Skipped(why) => (Mark::Skipped, format!("not touched: {why}")),
    };
    let time = stack.since.map(|since| stack.until.unwrap_or(now).saturating_sub(since));
    Row { mark, name: stack.name.clone(), says, time }
}

/// What a stack is doing: `creating Service (ECS Service, 2:10), 3 more; 12 finished`.
fn working(stack: &StackRow, status: StackStatus, now: Duration) -> String {
    let verb = verb(status);
    let rolls_back = stack.failed.as_ref().map(|failed| format!(", {failed} failed")).unwrap_or_default();
    let Some((id, kind, since)) = stack.in_work.first() else {
        return format!("{verb}, {} finished{rolls_back}", stack.finished);
    };
    let kind = kind.trim_start_matches("AWS::").replace("::", " ");
    let hint = hint(&kind).map(|hint| format!(", {hint}")).unwrap_or_default();
    let more = match stack.in_work.len() - 1 {
        0 => String::new(),
        more => format!(", {more} more"),
    };
    let time = clock(now.saturating_sub(*since));
    format!("{verb} {id} ({kind}, {time}{hint}){more}; {} finished{rolls_back}", stack.finished)
}

fn verb(status: StackStatus) -> &'static str {
    let name = status.as_str();
    if name.contains("ROLLBACK") {
        "rolling back"
    } else if name.contains("CLEANUP") {
        "cleaning up"
    } else if name.starts_with("DELETE") {
        "deleting"
    } else if name.starts_with("UPDATE") {
        "updating"
    } else {
        "creating"
    }
}

/// Why a resource takes as long as it does, for those that take minutes.
fn hint(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "ECS Service" => "until its tasks are healthy",
        "RDS DBInstance" => "about 10 minutes",
        "OpenSearchService Domain" => "15 to 30 minutes",
        "EC2 NatGateway" | "EC2 VPCEndpoint" => "a few minutes",
        "ElasticLoadBalancingV2 LoadBalancer" => "2 to 3 minutes",
        "Lambda Function" => "in a VPC a minute",
        _ => return None,
    })
}

/// Rows with their columns in line, cut to the terminal's width.
fn fitted(rows: &[Row], now: Duration, look: Look) -> Vec<String> {
    let name = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or_default().min(24);
    rows.iter().map(|row| fit(row, name, now, look)).collect()
}

fn fit(row: &Row, name: usize, now: Duration, look: Look) -> String {
    let time = row.time.map_or_else(String::new, |time| format!("  {:>5}", clock(time)));
    let head = format!(" {:name$}  ", cut(&row.name, name));
    // The last column stays free: a terminal may wrap a line that fills it.
    let room = look.width.saturating_sub(2 + head.chars().count() + time.chars().count());
    let says = cut(&row.says, room);
    let (sign, colour) = row.mark.sign(look, now);
    let sign = if look.colour { format!("\u{1b}[{colour}m{sign}\u{1b}[0m") } else { sign.to_owned() };
    if time.is_empty() { format!("{sign}{head}{says}") } else { format!("{sign}{head}{says:room$}{time}") }
}

/// The beginning of a text, with dots where something is left out.
fn cut(text: &str, room: usize) -> String {
    let text = text.lines().next().unwrap_or_default();
    if text.chars().count() <= room {
        return text.to_owned();
    }
    let kept: String = text.chars().take(room.saturating_sub(2)).collect();
    format!("{}..", kept.trim_end())
}

#[cfg(test)]
mod tests;
