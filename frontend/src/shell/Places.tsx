import { lazy, Suspense } from "react";
import { type Route } from "@/lib/route";
import { ActivityPage } from "@/features/activity/ActivityPage";
import { RecentRuns } from "@/features/activity/Runs";
import { RunView } from "@/features/activity/RunView";
import { AgentPage, type AgentParts } from "@/features/agents/AgentPage";
import { GalleryPage } from "@/features/agents/GalleryPage";
import { AgentConnections } from "@/features/connections/AgentConnections";
import { AutomationsPage } from "@/features/automations/AutomationsPage";
import { ConnectionsPage } from "@/features/connections/ConnectionsPage";
import { InboxPage } from "@/features/inbox/InboxPage";
import { OutboxPage } from "@/features/outbox/OutboxPage";
import { SettingsPage } from "@/features/settings/SettingsPage";

const parts: AgentParts = { Connections: AgentConnections, RunView, RecentRuns };

// Few people write agents, so its part of the page comes when somebody does.
const AuthorPage = lazy(async () => ({
  default: (await import("@/features/agents/author/AuthorPage")).AuthorPage,
}));

/** Which page stands where. Only here features meet. */
export function Places({ route }: { route: Route }) {
  switch (route.place) {
    case "agents":
      return route.rest[0] ? (
        <AgentPage key={route.rest[0]} name={route.rest[0]} parts={parts} />
      ) : (
        <GalleryPage />
      );
    case "author":
      return (
        <Suspense>
          <AuthorPage folder={route.rest[0] ?? ""} RunView={RunView} />
        </Suspense>
      );
    case "automations":
      return <AutomationsPage />;
    case "inbox":
      return <InboxPage />;
    case "outbox":
      return <OutboxPage />;
    case "activity":
      return <ActivityPage rest={route.rest} />;
    case "settings":
      return <SettingsPage rest={route.rest} />;
    default:
      return <ConnectionsPage />;
  }
}
