// Monaco's workers, built as files of our own, so that the policy may allow workers from this server alone.
import type { Environment } from "monaco-editor";
import EditorWorker from "monaco-editor/esm/vs/editor/editor.worker.js?worker";
import JsonWorker from "monaco-editor/esm/vs/language/json/json.worker.js?worker";
import GraphqlWorker from "monaco-graphql/esm/graphql.worker.js?worker";

const WORKERS: Record<string, new () => Worker> = { graphql: GraphqlWorker, json: JsonWorker };

const environment: Environment = {
  getWorker: (_id, label) => new (WORKERS[label] ?? EditorWorker)(),
};

Object.assign(globalThis, { MonacoEnvironment: environment });
