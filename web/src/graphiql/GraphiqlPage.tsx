// GraphiQL with the explorer, opened on the question that the server suggests.
import { explorerPlugin } from "@graphiql/plugin-explorer";
import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { GraphiQL } from "graphiql";
import "graphiql/style.css";
import "@graphiql/plugin-explorer/style.css";
import { served } from "../served";
import { ask } from "./fetcher";
import "./graphiql.css";
import { ownStorage } from "./storage";
import "./workers";

const NEW_TAB = "# Ctrl-Space completes names, Ctrl-Enter asks.\n";

const plugins = [HISTORY_PLUGIN, explorerPlugin({ showAttribution: false })];
const firstTabs = [{ query: served().question || NEW_TAB }];
const storage = ownStorage(localStorage);

export default function GraphiqlPage() {
  return (
    <GraphiQL
      fetcher={ask}
      plugins={plugins}
      storage={storage}
      defaultTabs={firstTabs}
      defaultQuery={NEW_TAB}
      shouldPersistHeaders={false}
      showPersistHeadersSettings={false}
      schemaDescription
    >
      <GraphiQL.Logo>
        <span className="servery-name">Servery</span>
      </GraphiQL.Logo>
    </GraphiQL>
  );
}
