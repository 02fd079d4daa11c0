// GraphiQL's memory of tabs and history, kept under names of our own and without request headers.
//
// Under GraphiQL's own names, another project once opened on the same localhost port would bring its tabs here.
// Headers hold tokens, and the history writes them down whatever `shouldPersistHeaders` says.
import type { Storage as GraphiqlStorage } from "@graphiql/toolkit";

const PREFIX = "servery:";
const WITH_HEADERS_INSIDE = new Set(["graphiql:tabState", "graphiql:queries", "graphiql:favorites"]);

export function ownStorage(store: Storage): GraphiqlStorage {
  return {
    getItem: (key) => store.getItem(PREFIX + key),
    setItem: (key, value) => {
      if (key !== "graphiql:headers") store.setItem(PREFIX + key, withoutHeaders(key, value));
    },
    removeItem: (key) => store.removeItem(PREFIX + key),
    clear: () => ownKeys(store).forEach((key) => store.removeItem(key)),
    get length() {
      return ownKeys(store).length;
    },
  };
}

function ownKeys(store: Storage): string[] {
  return Object.keys(store).filter((key) => key.startsWith(PREFIX));
}

function withoutHeaders(key: string, value: string): string {
  if (!WITH_HEADERS_INSIDE.has(key)) return value;
  return JSON.stringify(JSON.parse(value), (name, inner) => (name === "headers" ? null : inner));
}
