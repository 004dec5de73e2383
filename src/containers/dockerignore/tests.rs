//! Moby's published cases (github.com/moby/patternmatcher, `patternmatcher_test.go`, Apache-2.0), and our own.

use super::{Ignore, glob::Glob};

/// What a pattern does to a path.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Does {
    /// Matches it.
    Match,
    /// Matches a directory that it lies in.
    MatchParent,
    /// Neither.
    Nothing,
}
use Does::{Match, MatchParent, Nothing};

/// Moby's `TestMatches`.
const CASES: &[(&str, &str, Does)] = &[
    ("**", "file", Match),
    ("**", "file/", Match),
    ("**/", "file", Match),
    ("**/", "file/", Match),
    ("**", "/", Match),
    ("**/", "/", Match),
    ("**", "dir/file", Match),
    ("**/", "dir/file", Match),
    ("**", "dir/file/", Match),
    ("**/", "dir/file/", Match),
    ("**/**", "dir/file", Match),
    ("**/**", "dir/file/", Match),
    ("dir/**", "dir/file", Match),
    ("dir/**", "dir/file/", Match),
    ("dir/**", "dir/dir2/file", Match),
    ("dir/**", "dir/dir2/file/", Match),
    ("**/dir", "dir", Match),
    ("**/dir", "dir/file", MatchParent),
    ("**/dir2/*", "dir/dir2/file", Match),
    ("**/dir2/*", "dir/dir2/file/", MatchParent),
    ("**/dir2/**", "dir/dir2/dir3/file", Match),
    ("**/dir2/**", "dir/dir2/dir3/file/", Match),
    ("**file", "file", Match),
    ("**file", "dir/file", Match),
    ("**/file", "dir/file", Match),
    ("**file", "dir/dir/file", Match),
    ("**/file", "dir/dir/file", Match),
    ("**/file*", "dir/dir/file", Match),
    ("**/file*", "dir/dir/file.txt", Match),
    ("**/file*txt", "dir/dir/file.txt", Match),
    ("**/file*.txt", "dir/dir/file.txt", Match),
    ("**/file*.txt*", "dir/dir/file.txt", Match),
    ("**/**/*.txt", "dir/dir/file.txt", Match),
    ("**/**/*.txt2", "dir/dir/file.txt", Nothing),
    ("**/*.txt", "file.txt", Match),
    ("**/**/*.txt", "file.txt", Match),
    ("a**/*.txt", "a/file.txt", Match),
    ("a**/*.txt", "a/dir/file.txt", Match),
    ("a**/*.txt", "a/dir/dir/file.txt", Match),
    ("a/*.txt", "a/dir/file.txt", Nothing),
    ("a/*.txt", "a/file.txt", Match),
    ("a/*.txt**", "a/file.txt", Match),
    ("a[b-d]e", "ae", Nothing),
    ("a[b-d]e", "ace", Match),
    ("a[b-d]e", "aae", Nothing),
    ("a[^b-d]e", "aze", Match),
    (".*", ".foo", Match),
    (".*", "foo", Nothing),
    ("abc.def", "abcdef", Nothing),
    ("abc.def", "abc.def", Match),
    ("abc.def", "abcZdef", Nothing),
    ("abc?def", "abcZdef", Match),
    ("abc?def", "abcdef", Nothing),
    ("**/foo/bar", "foo/bar", Match),
    ("**/foo/bar", "dir/foo/bar", Match),
    ("**/foo/bar", "dir/dir2/foo/bar", Match),
    ("abc/**", "abc", Nothing),
    ("abc/**", "abc/def", Match),
    ("abc/**", "abc/def/ghi", Match),
    ("**/.foo", ".foo", Match),
    ("**/.foo", "bar.foo", Nothing),
    ("a(b)c/def", "a(b)c/def", Match),
    ("a(b)c/def", "a(b)c/xyz", Nothing),
    ("a.|)$(}+{bc", "a.|)$(}+{bc", Match),
    ("dist/p.py-2.4.0rc3.dev36+g08-py3.whl", "dist/p.py-2.4.0rc3.dev36+g08-py3.whl", Match),
    ("dist/*.whl", "dist/p.py-2.4.0rc3.dev36+g08-py3.whl", Match),
    ("a\\\\", "a\\", Match),
    ("a\\*b", "a*b", Match),
];

/// Moby's `matchTests`, which are those of Go's `path/filepath`. `None`: the pattern is malformed.
const NAMES: &[(&str, &str, Option<bool>)] = &[
    ("abc", "abc", Some(true)),
    ("*", "abc", Some(true)),
    ("*c", "abc", Some(true)),
    ("a*", "a", Some(true)),
    ("a*", "abc", Some(true)),
    ("a*", "ab/c", Some(true)),
    ("a*/b", "abc/b", Some(true)),
    ("a*/b", "a/c/b", Some(false)),
    ("a*b*c*d*e*/f", "axbxcxdxe/f", Some(true)),
    ("a*b*c*d*e*/f", "axbxcxdxexxx/f", Some(true)),
    ("a*b*c*d*e*/f", "axbxcxdxe/xxx/f", Some(false)),
    ("a*b*c*d*e*/f", "axbxcxdxexxx/fff", Some(false)),
    ("a*b?c*x", "abxbbxdbxebxczzx", Some(true)),
    ("a*b?c*x", "abxbbxdbxebxczzy", Some(false)),
    ("ab[c]", "abc", Some(true)),
    ("ab[b-d]", "abc", Some(true)),
    ("ab[e-g]", "abc", Some(false)),
    ("ab[^c]", "abc", Some(false)),
    ("ab[^b-d]", "abc", Some(false)),
    ("ab[^e-g]", "abc", Some(true)),
    ("a\\*b", "a*b", Some(true)),
    ("a\\*b", "ab", Some(false)),
    ("a?b", "a☺b", Some(true)),
    ("a[^a]b", "a☺b", Some(true)),
    ("a???b", "a☺b", Some(false)),
    ("a[^a][^a][^a]b", "a☺b", Some(false)),
    ("[a-ζ]*", "α", Some(true)),
    ("*[a-ζ]", "A", Some(false)),
    ("a?b", "a/b", Some(false)),
    ("a*b", "a/b", Some(false)),
    ("[\\]a]", "]", Some(true)),
    ("[\\-]", "-", Some(true)),
    ("[x\\-]", "x", Some(true)),
    ("[x\\-]", "-", Some(true)),
    ("[x\\-]", "z", Some(false)),
    ("[\\-x]", "x", Some(true)),
    ("[\\-x]", "-", Some(true)),
    ("[\\-x]", "a", Some(false)),
    ("[]a]", "]", None),
    ("[-]", "-", None),
    ("[x-]", "x", None),
    ("[x-]", "-", None),
    ("[x-]", "z", None),
    ("[-x]", "x", None),
    ("[-x]", "-", None),
    ("[-x]", "a", None),
    ("\\", "a", None),
    ("[a-b-c]", "a", None),
    ("[", "a", None),
    ("[^", "a", None),
    ("[^bc", "a", None),
    ("a[", "a", None),
    ("a[", "ab", None),
    ("*x", "xxx", Some(true)),
];

/// Several patterns, in order, and whether the path is left out. The first seven are Moby's.
const LISTS: &[(&[&str], &str, bool)] = &[
    (&["**", "!util/docker/web"], "util/docker/web/foo", false),
    (&["**", "!util/docker/web", "util/docker/web/foo"], "util/docker/web/foo", true),
    (&["**", "!dist/*.whl"], "dist/p.py-2.4.0rc3.dev36+g08-py3.whl", false),
    (&["!fileutils.go", "*.go"], "fileutils.go", true),
    (&["docs", "!docs/README.md"], "docs/README.md", false),
    (&["docs/", "!docs/README.md"], "docs/README.md", false),
    (&["*.go", "!fileutils.go"], "fileutils.go", false),
    (&["docs", "  !docs/README.md  "], "docs/README.md", false),
    (&["# a remark", "", "/weights/../models"], "models/a/b.bin", true),
    (&["node_modules"], "page/node_modules/a.js", false),
    (&["./a//b/"], "a/b/c", true),
    (&["a", "!a/b", "a/b/c"], "a/b/c/d", true),
];

fn ignore(lines: &[&str]) -> Ignore {
    Ignore::parse(&lines.join("\n")).unwrap()
}

#[test]
fn patterns_match_as_mobys_do() {
    for (pattern, path, does) in CASES {
        let exact = Glob::new(&super::clean(pattern)).unwrap().matches(path);
        assert_eq!(exact, *does == Match, "{pattern} on {path}");
        assert_eq!(
            ignore(&[pattern]).leaves_out(path),
            *does != Nothing,
            "{pattern} on {path}, or its parents"
        );
    }
}

#[test]
fn names_match_as_gos_do() {
    for (pattern, path, expected) in NAMES {
        let found = Ignore::parse(pattern).ok().map(|ignore| ignore.leaves_out(path));
        assert_eq!(found, *expected, "{pattern} on {path}");
    }
}

#[test]
fn the_last_line_that_matches_wins() {
    for (lines, path, left_out) in LISTS {
        assert_eq!(ignore(lines).leaves_out(path), *left_out, "{lines:?} on {path}");
    }
}

#[test]
fn a_bad_line_is_named() {
    let bad = Ignore::parse("docs\n# a remark\n!").unwrap_err();
    assert_eq!((bad.line, bad.fault), (3, "a `!` alone takes nothing back"));
    assert_eq!(Ignore::parse("a\n[").unwrap_err().line, 2);
}
