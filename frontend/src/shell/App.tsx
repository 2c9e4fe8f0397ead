import { useEffect, useState } from "react";
import { QueryClientProvider, useQuery, useQueryClient } from "@tanstack/react-query";
import { subscribe } from "@/lib/backend";
import { applyEvent, newQueryClient, queries } from "@/lib/backend/queries";
import { go, useRoute, type Route } from "@/lib/route";
import { Asking } from "@/features/outbox/Asking";
import { Welcome } from "@/features/welcome/Welcome";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { TooltipProvider } from "@/ui/Tooltip";
import { Places } from "./Places";
import { SheetHost } from "./SheetHost";
import { Sidebar } from "./Sidebar";
import { Toasts } from "./Toasts";
import { VaultBanner } from "./VaultBanner";
import { Palette } from "./Palette";

export function App() {
  const [client] = useState(newQueryClient);
  return (
    <QueryClientProvider client={client}>
      <TooltipProvider>
        <SheetHost>
          <Frame />
          <Palette />
        </SheetHost>
        <Toasts />
      </TooltipProvider>
    </QueryClientProvider>
  );
}

function Frame() {
  const client = useQueryClient();
  const route = useRoute();
  const info = useQuery(queries.info());
  useEffect(() => subscribe((event) => applyEvent(client, event)), [client]);
  useEffect(() => {
    const theme = info.data?.theme;
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
  }, [info.data?.theme]);
  useEffect(() => {
    if (route.start && info.data) go(info.data.first_run ? "welcome" : "connections");
  }, [route.start, info.data]);

  if (info.error && !info.data) {
    return (
      <main className="mx-auto grid h-full max-w-lg place-content-center p-6">
        <h1 className="mb-4 text-xl font-semibold">PIE Desktop cannot open its data</h1>
        <ProblemNotice problem={info.error} onRetry={() => void info.refetch()} />
      </main>
    );
  }
  if (!info.data) return null;
  if (route.place === "welcome") return <Welcome rest={route.rest} />;
  return <WithSidebar route={route} />;
}

function WithSidebar({ route }: { route: Route }) {
  // Tabs of one page are one page: it keeps its focus and what was typed in it.
  const tabs =
    route.place === "settings" || (route.place === "activity" && route.rest[0] !== "run");
  const path = tabs ? route.place : [route.place, ...route.rest].join("/");
  return (
    <div className="grid h-full grid-cols-[4rem_minmax(0,1fr)] md:grid-cols-[14.5rem_minmax(0,1fr)]">
      <a
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById("main")?.focus();
        }}
        className="sr-only z-50 rounded-md bg-accent px-4 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-3 focus:left-3"
      >
        Skip to the page
      </a>
      <Sidebar place={route.place === "author" ? "agents" : route.place} />
      <main
        id="main"
        key={path}
        tabIndex={-1}
        className="overflow-y-auto outline-none [scrollbar-gutter:stable]"
      >
        <VaultBanner />
        <Asking />
        <Places route={route} />
      </main>
    </div>
  );
}
