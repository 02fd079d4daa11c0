// Puts a page into the document: its code is loaded lazily, so that something stands there at once.
import { type ComponentType, lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import "./page.css";

export function mount(load: () => Promise<{ default: ComponentType }>): void {
  const Page = lazy(() => load().catch(() => ({ default: Unloaded })));
  createRoot(root()).render(
    <StrictMode>
      <Suspense fallback={<p className="notice">Loading …</p>}>
        <Page />
      </Suspense>
    </StrictMode>,
  );
}

/** A page left open over an upgrade asks for files that are gone: a reload brings the new ones. */
function Unloaded() {
  return <p className="notice">This page could not be loaded. Reload it; if that does not help, is the server up?</p>;
}

function root(): HTMLElement {
  const element = document.getElementById("root");
  if (!element) throw new Error("The page has no element with the id 'root'.");
  return element;
}
