// Teaches the explorer lists of enum values, which it can neither show nor change: here, the metrics and the
// dimensions of every question. It has no seam for this, so its text is changed while it is bundled. Its
// version is pinned; a version with another text stops the build, and then this file may be needless.
import type { Plugin } from "vite";

const EXPLORER = "/graphiql-explorer/dist/Explorer.js";
const LIST = new URL("./src/graphiql/EnumList.tsx", import.meta.url).pathname;

const ENUM_BRANCH = "if (argValue.kind === 'EnumValue') {";
const ENUM_LIST = `if (argValue.kind !== 'Variable' && String(arg.type).includes('[')) {
  input = React.createElement(require(${JSON.stringify(LIST)}).EnumList, {
    names: argType.getValues().map(function (value) { return value.name; }),
    value: argValue,
    choose: this.props.setArgValue
  });
} else ${ENUM_BRANCH}`;

// Lists of objects stay as they are written; that is no error to report on each keystroke.
const COMPLAINT = "console.error('arg mismatch between arg and selection', argType, argValue);";
const ADVICE = "input = React.createElement('em', null, 'edit it in the text');";

export function explorerLists(): Plugin {
  return {
    name: "explorer-lists",
    transform(code, id) {
      if (!id.endsWith(EXPLORER)) return null;
      const parts = code.split(ENUM_BRANCH);
      if (parts.length !== 2 || !code.includes(COMPLAINT)) this.error(`${EXPLORER} is not the text that is known`);
      return { code: parts.join(ENUM_LIST).replaceAll(COMPLAINT, ADVICE), map: null };
    },
  };
}
