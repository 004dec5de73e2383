//! A follow-up question in words that stand alone: "and for how long?" finds nothing by itself.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::TryStreamExt as _;

use crate::ports::{ChatModel, Message, Role};

/// Turns of a conversation that are looked back on.
const TURNS: usize = 6;

/// Letters of a turn that are looked at: answers are long, what they are about comes first.
const TURN_LENGTH: usize = 600;

/// The longest question that is taken for one.
const LONGEST: usize = 400;

/// Turns that go along with a question where no model rewrites it, and letters of each: embedding models read little, and
/// the question has to be among it.
const JOINED: usize = 4;
const JOINED_LENGTH: usize = 160;

/// How long the model may take; the conversation waits for it.
pub const LIMIT: Duration = Duration::from_secs(4);

const INSTRUCTION: &str = "Write the last question of this conversation so that it can be understood without the rest. Keep \
    its meaning and its language, name what it refers to in the conversation's own words, and add nothing. Reply with the \
    question alone.";

/// A question as it is searched with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The words.
    pub text: String,
    /// Where they are from.
    pub origin: Origin,
}

/// Where a question's words are from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// As it was asked: it is the first.
    Asked,
    /// By the model.
    Rewritten,
    /// What was said before it and itself: no model answered, or not faithfully.
    Joined,
}

/// The question with what it refers to. `before` is the conversation without it, oldest first.
pub async fn rewrite(
    model: Option<&dyn ChatModel>,
    before: &[Message],
    question: &str,
    limit: Duration,
) -> Question {
    let spoken: Vec<&Message> = before.iter().filter(|message| message.role != Role::System).collect();
    let spoken = &spoken[spoken.len().saturating_sub(TURNS)..];
    if spoken.iter().all(|message| message.role != Role::User) {
        return Question { text: question.to_owned(), origin: Origin::Asked };
    }
    if let Some(model) = model
        && let Ok(Some(text)) = tokio::time::timeout(limit, ask(model, spoken, question)).await
        && is_faithful(&text, spoken, question)
    {
        return Question { text, origin: Origin::Rewritten };
    }
    Question { text: join(spoken, question), origin: Origin::Joined }
}

/// What was said last, and the question. Answers are part of it: a follow-up may be about what only they name.
fn join(spoken: &[&Message], question: &str) -> String {
    let last = &spoken[spoken.len().saturating_sub(JOINED)..];
    let said = last.iter().map(|message| cut(&message.content, JOINED_LENGTH).trim());
    said.chain([question]).collect::<Vec<_>>().join(" ")
}

async fn ask(model: &dyn ChatModel, spoken: &[&Message], question: &str) -> Option<String> {
    let turns = spoken.iter().map(|message| {
        let who = if message.role == Role::User { "Question" } else { "Answer" };
        format!("{who}: {}\n", cut(&message.content, TURN_LENGTH))
    });
    let conversation: String = turns.collect();
    let messages = [
        Message::new(Role::System, INSTRUCTION),
        Message::new(Role::User, format!("{conversation}Last question: {question}")),
    ];
    let pieces = model.answer(&messages, 100).await.ok()?;
    let pieces: Vec<String> = pieces.try_collect().await.ok()?;
    let text = pieces.concat();
    let text = text.trim().trim_matches('"').trim();
    Some(text.strip_prefix("Question:").unwrap_or(text).trim().to_owned())
}

/// Whether a rewritten question is one, and says only what was said: one line, its numbers all from the conversation, and
/// most of its longer words too. Small models answer instead, or repeat what was asked before: it has to keep a word of
/// the question's own and to name something from before, unless it leaves the question as it is.
fn is_faithful(text: &str, spoken: &[&Message], question: &str) -> bool {
    let is_question = text.ends_with('?') || !question.trim_end().ends_with('?');
    if text.is_empty() || text.len() > LONGEST || text.contains('\n') || !is_question {
        return false;
    }
    let before: HashSet<String> = spoken.iter().flat_map(|message| words(&message.content)).collect();
    let asked: HashSet<String> = words(question).collect();
    let rewritten: HashSet<String> = words(text).collect();
    let of_its_own: Vec<&String> = rewritten.iter().filter(|word| is_telling(word)).collect();
    let is_said = |word: &str| before.contains(word) || asked.contains(word);
    let new: Vec<&String> = of_its_own.iter().copied().filter(|word| !is_said(word)).collect();
    let has_new_number = new.iter().any(|word| word.chars().any(|c| c.is_ascii_digit()));
    let mut asked_anew = asked.iter().filter(|word| is_telling(word) && !before.contains(*word)).peekable();
    let keeps = asked_anew.peek().is_none() || asked_anew.any(|word| rewritten.contains(word));
    let names = of_its_own.iter().any(|word| !asked.contains(*word) && before.contains(*word));
    !has_new_number && new.len() * 3 <= of_its_own.len() && keeps && (names || rewritten == asked)
}

/// Whether a word says what a question is about: most short ones do not.
fn is_telling(word: &str) -> bool {
    word.chars().count() > 3 || word.chars().any(|c| c.is_ascii_digit())
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

fn cut(text: &str, letters: usize) -> &str {
    text.char_indices().nth(letters).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use async_trait::async_trait;
    use futures_util::{StreamExt as _, stream};

    use super::{Origin, rewrite};
    use crate::{ChatModel, Message, ModelError, Pieces, Role};

    /// Says pieces, and at the end an error if there is one.
    #[derive(Debug)]
    pub(crate) struct Says(pub(crate) &'static [&'static str], pub(crate) Option<&'static str>);

    #[async_trait]
    impl ChatModel for Says {
        async fn answer(&self, _: &[Message], _: u32) -> Result<Pieces, ModelError> {
            let pieces = self.0.iter().map(|piece| Ok((*piece).to_owned()));
            let pieces = pieces.chain(self.1.map(|error| Err(ModelError(error.to_owned()))));
            Ok(stream::iter(pieces.collect::<Vec<_>>()).boxed())
        }
    }

    fn before() -> Vec<Message> {
        vec![
            Message::new(Role::User, "How is the coolant pump P-7 started?"),
            Message::new(Role::Assistant, "Open valve 3, then press the green button."),
        ]
    }

    async fn origin(model: &Says) -> (Origin, String) {
        let question =
            rewrite(Some(model), &before(), "and how is it stopped?", Duration::from_secs(5)).await;
        (question.origin, question.text)
    }

    #[tokio::test]
    async fn a_faithful_rewriting_is_taken() {
        let said = Says(&["\"How is the coolant ", "pump P-7 stopped?\""], None);
        assert_eq!(
            origin(&said).await,
            (Origin::Rewritten, "How is the coolant pump P-7 stopped?".to_owned())
        );
    }

    #[tokio::test]
    async fn anything_else_falls_back_on_what_was_asked() {
        let joined = "How is the coolant pump P-7 started? Open valve 3, then press the green button. and how is it stopped?";
        for unfaithful in [
            Says(&["How is pump P-9 stopped?"], None),
            Says(&["Turbines generate electricity through rotating blades"], None),
            Says(&["Open valve 3, then press the green button."], None),
            Says(&["How is the coolant pump P-7 started?"], None),
            Says(&["The last question: and how is it stopped?"], None),
            Says(&["line\nline"], None),
            Says(&[""], None),
            Says(&["How is the pump"], Some("cut")),
        ] {
            assert_eq!(origin(&unfaithful).await, (Origin::Joined, joined.to_owned()), "{unfaithful:?}");
        }
    }

    #[tokio::test]
    async fn what_stands_alone_already_may_stay_as_it_is() {
        let said = Says(&["And how is it stopped?"], None);
        assert_eq!(origin(&said).await, (Origin::Rewritten, "And how is it stopped?".to_owned()));
    }

    #[tokio::test]
    async fn of_a_long_conversation_the_end_goes_along() {
        let long = "word ".repeat(100);
        let turns = ["first", &*long, "third", "fourth", "fifth"];
        let roles = [Role::User, Role::Assistant, Role::User, Role::Assistant, Role::User];
        let before: Vec<Message> =
            roles.into_iter().zip(turns).map(|(role, text)| Message::new(role, text)).collect();
        let question = rewrite(None, &before, "and then?", Duration::from_secs(1)).await;
        let words: Vec<&str> = question.text.split(' ').collect();
        assert_eq!(words[..32], ["word"; 32]);
        assert_eq!(words[32..], ["third", "fourth", "fifth", "and", "then?"]);
    }

    #[tokio::test]
    async fn the_first_question_stays_as_it_is() {
        let question = rewrite(None, &[], "How?", Duration::from_secs(1)).await;
        assert_eq!((question.origin, question.text.as_str()), (Origin::Asked, "How?"));
    }
}
