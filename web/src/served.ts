// What the server wrote into the page: a block of JSON, since the content security policy allows no inline script.

export interface Served {
  /** The question that a first visit opens on. */
  readonly question: string;
}

export function served(): Served {
  const block: unknown = JSON.parse(document.getElementById("servery")?.textContent || "{}");
  return { question: textOf(block, "question") };
}

function textOf(block: unknown, name: string): string {
  const value: unknown = Object(block)[name];
  return typeof value === "string" ? value : "";
}
