/** Starts the client: language first (nothing can be said before), then who is signed in, then the page. */
import "./design/tokens.css";
import "./design/base.css";
import "./design/components.css";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { Refused } from "./api/client.ts";
import { forgetEarly } from "./api/early.ts";
import { fetchAhead } from "./ahead.tsx";
import { App } from "./app.tsx";
import { whenCalm } from "./calm.ts";
import { currentLanguage } from "./design/preferences.ts";
import { changeLanguage, Languages } from "./i18n/index.tsx";
import { startSending } from "./pending/pending.ts";
import { startSession } from "./session/session.ts";
import { watchForNewVersion } from "./update.ts";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // Whether there is a network is found out by asking (see src/api/connection.ts).
      networkMode: "always",
      staleTime: 15_000,
      gcTime: 24 * 3600 * 1000,
      retry: (failures, error) => failures < 2 && !(error instanceof Refused),
    },
  },
});

async function start(): Promise<void> {
  const place = document.getElementById("app");
  if (place === null) return;
  const language = currentLanguage();
  fetchAhead(location.pathname, language);
  const signedIn = startSession();
  startSending();
  await changeLanguage(language);
  createRoot(place).render(
    <StrictMode>
      <Languages>
        <QueryClientProvider client={client}>
          <App />
        </QueryClientProvider>
      </Languages>
    </StrictMode>,
  );
  await signedIn;
  await whenCalm();
  forgetEarly();
  watchForNewVersion();
}

// Not from within the module: whoever watches what asks for what (a browser's tools, Lighthouse) has the browser
// work out the places of all that is on the stack, and that would be this whole file, parsed a second time.
queueMicrotask(() => {
  void start();
});
