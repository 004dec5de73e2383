// The rules that a compiler does not know: accessible markup, hooks, and no way from a text into the document as HTML.

import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const RAW_HTML = "A model's words never become HTML: render tokens to React elements.";

export default tseslint.config(
  { ignores: ["node_modules/"] },
  ...tseslint.configs.strict,
  jsxA11y.flatConfigs.strict,
  reactHooks.configs.flat["recommended-latest"],
  {
    files: ["**/*.{ts,tsx}"],
    rules: {
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", destructuredArrayIgnorePattern: "^_" }],
      "no-restricted-syntax": [
        "error",
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: RAW_HTML },
        { selector: "MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML)$/]", message: RAW_HTML },
        { selector: "JSXAttribute[name.name='style']", message: "Styles live in styles/: a policy refuses inline ones." },
      ],
      "no-restricted-globals": ["error", "eval"],
      "no-console": "error",
    },
  },
  // Programs that are run by hand or by a test speak to a terminal.
  { files: ["e2e/**", "bench/**"], rules: { "no-console": "off" } },
);
