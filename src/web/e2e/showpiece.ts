// An answer that has everything that an answer may have.

export const SHOWPIECE = `A hash index answers one kind of question, and answers it well: *is this exact key here?* A B-tree keeps its keys in order, so it can also walk a range.

## When to use which

| | Hash index | B-tree |
|---|:-:|:-:|
| One key | $O(1)$ | $O(\\log n)$ |
| A range | a full scan | $O(\\log n + k)$ |
| In order | no | yes |

The height of the tree is what a look-up costs:

$$h \\le \\log_{t}\\frac{n+1}{2}$$

\`\`\`python
def find(node, key):
    """Walks down from the root; each node is one page."""
    while not node.is_leaf:
        node = node.child(bisect(node.keys, key))
    return node.get(key)  # None if it is not there
\`\`\`

1. Measure the queries that you have.
2. Begin with a B-tree: it is **never far from right**.
3. Reach for a hash only where equality is all that is asked.

> An index is a promise to pay at every write for what is gained at some reads.
`;
