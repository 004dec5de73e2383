//! A diff as Markdown for a pull request: the worst in a table on top, each stack folded, permissions and network open.

use std::fmt::{self, Write};

use super::Diff;
use super::entry::Change;
use super::property::PropertyDiff;
use super::resource::ResourceDiff;
use super::stack::StackDiff;
use super::words::{counts, plural, values};

impl Diff {
    /// The diff as Markdown, with a newline at its end.
    pub fn markdown(&self) -> String {
        let mut page = String::new();
        // Writing to a text does not fail.
        let _ = self.write(&mut page);
        page
    }

    fn write(&self, page: &mut String) -> fmt::Result {
        let differing: Vec<&StackDiff> = self.stacks.iter().filter(|stack| stack.differs()).collect();
        writeln!(page, "## lisa diff\n")?;
        if differing.is_empty() && self.models.is_empty() {
            writeln!(page, "No changes in {}.", plural(self.stacks.len(), "stack"))?;
        } else {
            writeln!(page, "{}.", self.summary())?;
        }
        self.models.iter().try_for_each(|asked| writeln!(page, "\n- {}", escaped_outside_code(asked)))?;
        self.notes.iter().try_for_each(|note| writeln!(page, "\n> {}", escaped(note)))?;
        write_grave(page, &differing)?;
        write_list(page, "Who may do what", &differing, |stack| {
            let lines = stack.permissions.iter().flat_map(super::PermissionDiff::lines);
            lines.collect()
        })?;
        write_list(page, "Who can reach what", &differing, |stack| {
            stack.network.iter().map(|reach| (reach.reach.mark(), reach.text.clone())).collect()
        })?;
        differing.into_iter().try_for_each(|stack| write_stack(page, stack))
    }
}

/// What is replaced, kept behind or lost.
fn write_grave(page: &mut String, stacks: &[&StackDiff]) -> fmt::Result {
    let mut grave: Vec<(&StackDiff, &ResourceDiff)> =
        stacks.iter().flat_map(|stack| stack.grave().map(|resource| (*stack, resource))).collect();
    if grave.is_empty() {
        return Ok(());
    }
    grave.sort_by_key(|(_, resource)| std::cmp::Reverse(resource.class));
    writeln!(page, "\n### Replacements and data loss\n")?;
    writeln!(page, "| | Stack | Resource | Type | Because of |\n|---|---|---|---|---|")?;
    for (stack, resource) in grave {
        let class = if resource.class.threatens_data() {
            format!("**{}**", resource.class)
        } else {
            resource.class.to_string()
        };
        let (stack, id, kind) = (&stack.name, &resource.logical_id, &resource.kind);
        writeln!(page, "| {class} | {stack} | `{id}` | {kind} | {} |", reason(resource))?;
    }
    Ok(())
}

fn reason(resource: &ResourceDiff) -> String {
    if resource.change == Change::Removed {
        return "removed".to_owned();
    }
    let forcing = resource.properties.iter().filter(|property| property.forces());
    let mut names: Vec<String> = forcing.map(|property| code(&property.path)).collect();
    names.dedup();
    if names.is_empty() { resource.notes.join("; ") } else { names.join(", ") }
}

/// A heading with one list over all stacks; nothing where no stack has lines. A new stack's lines are folded.
fn write_list(
    page: &mut String,
    heading: &str,
    stacks: &[&StackDiff],
    lines: impl Fn(&StackDiff) -> Vec<(char, String)>,
) -> fmt::Result {
    let found: Vec<(&StackDiff, Vec<(char, String)>)> =
        stacks.iter().map(|stack| (*stack, lines(stack))).filter(|(_, lines)| !lines.is_empty()).collect();
    if found.is_empty() {
        return Ok(());
    }
    writeln!(page, "\n### {heading}\n")?;
    for (stack, lines) in found {
        let is_new = stack.change == Change::Added;
        if is_new {
            writeln!(
                page,
                "<details><summary>{}, a new stack: {}</summary>\n",
                stack.name,
                plural(lines.len(), "line")
            )?;
        }
        for (mark, line) in lines {
            let word = match mark {
                '!' => "**open:** ",
                '-' => "less: ",
                '~' => "",
                _ => "more: ",
            };
            writeln!(page, "- {}: {word}{}", stack.name, escaped_outside_code(&line))?;
        }
        if is_new {
            writeln!(page, "\n</details>\n")?;
        }
    }
    Ok(())
}

fn write_stack(page: &mut String, stack: &StackDiff) -> fmt::Result {
    let word = match stack.change {
        Change::Added => "new",
        Change::Removed => "goes",
        _ => "changes",
    };
    let counts = counts(|class| stack.count(class));
    let counts = if counts.is_empty() { String::new() } else { format!(": {counts}") };
    writeln!(
        page,
        "\n<details><summary><b>{}</b> ({}) {word}{counts}</summary>\n",
        stack.name, stack.deployed_name
    )?;
    stack.notes.iter().try_for_each(|note| writeln!(page, "> {}\n", escaped_outside_code(note)))?;
    if !stack.resources.is_empty() {
        writeln!(page, "| | Resource | Type | What changes |\n|---|---|---|---|")?;
    }
    for resource in &stack.resources {
        let (class, id, kind) = (resource.class, &resource.logical_id, &resource.kind);
        writeln!(page, "| {} {class} | `{id}` | {kind} | {} |", sign(class.mark()), changes(resource))?;
    }
    for section in &stack.sections {
        writeln!(page, "\n**{}**\n", section.name)?;
        for entry in &section.entries {
            let values = values(entry.before.as_deref(), entry.after.as_deref());
            writeln!(page, "- {} `{}`: {}", sign(entry.change.mark()), entry.name, code(&values))?;
        }
    }
    writeln!(page, "\n</details>")
}

fn changes(resource: &ResourceDiff) -> String {
    let properties = resource.properties.iter().map(property);
    let attributes = resource.attributes.iter().map(|entry| {
        let values = values(entry.before.as_deref(), entry.after.as_deref());
        format!("`{}`: {}", entry.name, code(&values))
    });
    let notes = resource.notes.iter().map(|note| escaped_outside_code(note));
    properties.chain(attributes).chain(notes).collect::<Vec<_>>().join("<br>")
}

fn property(property: &PropertyDiff) -> String {
    let effect = property.effect.words();
    let words = match &property.because {
        Some(cause) => format!("{} may get another value", code(cause)),
        _ => code(&values(property.before.as_deref(), property.after.as_deref())),
    };
    format!("`{}`: {words}{effect}", property.path)
}

/// A mark that Markdown does not take for a list.
fn sign(mark: char) -> &'static str {
    match mark {
        '+' => "`+`",
        '-' => "`-`",
        '!' => "`!`",
        _ => "`~`",
    }
}

/// A text as code on one line, in a table too.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'").replace('|', "\\|"))
}

/// A text without anything that Markdown or HTML would read.
fn escaped(text: &str) -> String {
    let mut result = String::new();
    for letter in text.chars() {
        match letter {
            '<' => result.push_str("&lt;"),
            '>' => result.push_str("&gt;"),
            '*' | '_' | '|' | '[' | ']' | '\\' | '#' => result.extend(['\\', letter]),
            '\n' => result.push(' '),
            letter => result.push(letter),
        }
    }
    result
}

/// As [`escaped`], leaving what stands between backticks as it is.
fn escaped_outside_code(text: &str) -> String {
    let parts = text.split('`').enumerate().map(
        |(index, part)| {
            if index % 2 == 0 { escaped(part) } else { code(part) }
        },
    );
    parts.collect()
}
