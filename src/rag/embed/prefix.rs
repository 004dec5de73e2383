//! What a model was trained to see before a question and before a passage. Without it a model of the E5 or BGE kind finds
//! less; where a model wants nothing, nothing is sent.
//!
//! Sources are the models' own cards.

/// What stands before texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefixes {
    /// Before what is looked for.
    pub query: &'static str,
    /// Before what is searched.
    pub passage: &'static str,
}

const NONE: Prefixes = Prefixes { query: "", passage: "" };

/// What English BGE, mxbai and the first Arctic models want before a question.
const REPRESENT: Prefixes =
    Prefixes { query: "Represent this sentence for searching relevant passages: ", passage: "" };

/// What E5 models want before both.
const E5: Prefixes = Prefixes { query: "query: ", passage: "passage: " };

/// What models that follow instructions want before a question.
const INSTRUCT: Prefixes = Prefixes {
    query: "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: ",
    passage: "",
};

/// Parts of models' names, all of which have to be there, and what the model wants. The first that fits counts.
const MODELS: [(&[&str], Prefixes); 15] = [
    (&["e5", "instruct"], INSTRUCT),
    (&["e5-mistral"], INSTRUCT),
    (&["sfr-embedding"], INSTRUCT),
    (&["qwen3", "embed"], INSTRUCT),
    (&["gte-qwen2"], INSTRUCT),
    (&["e5"], E5),
    (&["bge-m3"], NONE),
    (&["bge", "zh"], Prefixes { query: "为这个句子生成表示以用于检索相关文章：", passage: "" }),
    (&["bge"], REPRESENT),
    (&["mxbai"], REPRESENT),
    (&["arctic-embed", "v2"], Prefixes { query: "query: ", passage: "" }),
    (&["arctic-embed"], REPRESENT),
    (&["nomic-embed"], Prefixes { query: "search_query: ", passage: "search_document: " }),
    (
        &["embeddinggemma"],
        Prefixes { query: "task: search result | query: ", passage: "title: none | text: " },
    ),
    (&["modernbert-embed"], Prefixes { query: "search_query: ", passage: "search_document: " }),
];

/// What a model wants, by its id or its name; nothing where it is not known.
///
/// A part stands for itself between anything but letters and digits: `e5` is in `multilingual-e5-large`, not in `gle5x`.
pub fn prefixes(model: &str) -> Prefixes {
    let model = model.to_ascii_lowercase();
    let has = |part: &&str| {
        model.match_indices(part).any(|(at, _)| {
            let (before, after) = (&model[..at], &model[at + part.len()..]);
            !before.ends_with(|letter: char| letter.is_ascii_alphanumeric())
                && !after.starts_with(|letter: char| {
                    letter.is_ascii_alphabetic() && part.ends_with(char::is_numeric)
                })
        })
    };
    let found = MODELS.iter().find(|(parts, _)| parts.iter().all(has));
    found.map_or(NONE, |(_, prefixes)| *prefixes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_family_gets_what_its_card_says() {
        for (model, query, passage) in [
            ("intfloat/multilingual-e5-large", "query: ", "passage: "),
            ("intfloat/e5-base-v2", "query: ", "passage: "),
            ("intfloat/multilingual-e5-large-instruct", INSTRUCT.query, ""),
            ("intfloat/e5-mistral-7b-instruct", INSTRUCT.query, ""),
            ("BAAI/bge-large-en-v1.5", REPRESENT.query, ""),
            ("BAAI/bge-large-zh-v1.5", "为这个句子生成表示以用于检索相关文章：", ""),
            ("BAAI/bge-m3", "", ""),
            ("Qwen/Qwen3-Embedding-0.6B", INSTRUCT.query, ""),
            ("Snowflake/snowflake-arctic-embed-l-v2.0", "query: ", ""),
            ("Snowflake/snowflake-arctic-embed-m", REPRESENT.query, ""),
            ("nomic-ai/nomic-embed-text-v1.5", "search_query: ", "search_document: "),
            ("sentence-transformers/all-MiniLM-L6-v2", "", ""),
            ("thenlper/gte-large", "", ""),
            ("amazon.titan-embed-text-v2:0", "", ""),
            ("gle5x", "", ""),
        ] {
            assert_eq!(prefixes(model), Prefixes { query, passage }, "{model}");
        }
    }
}
