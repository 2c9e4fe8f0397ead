import {
  type Access,
  type Agent,
  type AgentDetail,
  type Attempt,
  type AuditRow,
  type Automation,
  type AutomationSheet,
  type CatchUp,
  type Client,
  type ClientEnded,
  type ConnectRequest,
  type ConnectSheet,
  type Connection,
  type ConnectionRef,
  type Decision,
  type Delivered,
  type DisconnectRequest,
  type DisconnectSheet,
  type Disconnected,
  type Doctor,
  type EnableRequest,
  type FindRequest,
  type Info,
  type InspectRequest,
  type InstallRequest,
  type InstallSheet,
  type Json,
  type Message,
  type Panicked,
  type PracticeStatus,
  type ProviderInfo,
  type Receipt,
  type Removed,
  type Run,
  type RunCall,
  type RunDetail,
  type RunRow,
  type Sample,
  type Scheme,
  type Theme,
  type TokenRequest,
  type VaultStatus,
  type Webhook,
  type WholeWrite,
  type Write,
} from "./types";
import { type SettingsMethods } from "./settings";
import { type StudioMethods } from "./studio";

/** Every method of the services, with what it takes and what it gives. */
export interface Methods extends SettingsMethods, StudioMethods {
  "Connections.List": [{ agent: string }, Connection[]];
  "Connections.Preview": [ConnectionRef, ConnectSheet];
  "Connections.Connect": [ConnectRequest, Connection];
  "Connections.ConnectToken": [TokenRequest, Connection];
  "Connections.Attempt": [{ op: string }, Attempt];
  "Connections.OpenAgain": [{ op: string }, null];
  "Connections.Callback": [{ link: string }, Connection];
  "Connections.DisconnectPreview": [ConnectionRef, DisconnectSheet];
  "Connections.Disconnect": [DisconnectRequest, Disconnected];
  "Connections.SetAccess": [ConnectionRef & { access: Access }, Connection];
  "Connections.Check": [ConnectionRef, Connection];
  "Connections.Panic": [undefined, Panicked];
  "Connections.Receipts": [{ agent: string }, Receipt[]];
  "Agents.List": [undefined, Agent[]];
  "Agents.Show": [{ agent: string }, AgentDetail];
  "Agents.Samples": [undefined, Sample[]];
  "Agents.Inspect": [InspectRequest, InstallSheet];
  "Agents.Install": [InstallRequest, Agent];
  "Agents.Remove": [{ agent: string }, Removed];
  "Agents.SecretSet": [{ agent: string; name: string; value: string }, null];
  "Agents.SecretRemove": [{ agent: string; name: string }, null];
  "Agents.SetConfig": [{ agent: string; config: Json }, null];
  "Runs.Run": [RunCall, Run];
  "Runs.List": [{ agent: string; limit: number }, Run[]];
  "Runs.Find": [FindRequest, { rows: RunRow[]; next: string }];
  "Runs.Get": [{ id: string }, RunDetail];
  "Runs.Audit": [{ agent: string; limit: number }, AuditRow[]];
  "Automations.List": [undefined, Automation[]];
  "Automations.Preview": [{ id: string }, AutomationSheet];
  "Automations.Enable": [EnableRequest, Automation];
  "Automations.Disable": [{ id: string }, Automation];
  "Automations.Run": [{ op: string; id: string; payload: Json }, Run];
  "Automations.Next": [{ id: string; count: number; schedule: string; zone: string }, string[]];
  "Automations.CatchUp": [undefined, CatchUp];
  "Automations.Decide": [{ id: string; decision: Decision }, CatchUp];
  "Automations.CaughtUp": [undefined, null];
  "Automations.Webhook": [{ id: string; renew: boolean }, Webhook];
  "Inbox.List": [{ agent: string; limit: number }, Message[]];
  "Inbox.Read": [{ agent: string; ids: string[]; unread: boolean }, { changed: number }];
  "Inbox.Remove": [{ agent: string; ids: string[] }, { changed: number }];
  "Outbox.List": [{ agent: string; run: string }, Write[]];
  "Outbox.Get": [{ id: string }, WholeWrite];
  "Outbox.Send": [{ op: string; id: string; again: boolean }, Delivered];
  "Outbox.Answer": [{ id: string; send: boolean }, Write];
  "Outbox.Drop": [{ id: string }, Write];
  "Clients.List": [undefined, Client[]];
  "Clients.Add": [
    { provider: string; client_id: string; client_secret: string; no_check: boolean },
    Client,
  ];
  "Clients.Check": [{ provider: string }, Client];
  "Clients.Grant": [{ provider: string; agent: string }, Client];
  "Clients.Revoke": [{ provider: string; agent: string }, ClientEnded];
  "Clients.Remove": [{ provider: string }, ClientEnded];
  "Providers.List": [undefined, ProviderInfo[]];
  "Vault.Status": [undefined, VaultStatus];
  "Vault.Unlock": [{ passphrase: string }, VaultStatus];
  "Vault.Lock": [undefined, VaultStatus];
  "Vault.Rotate": [undefined, VaultStatus];
  "Practice.Status": [undefined, PracticeStatus];
  "Practice.Start": [undefined, PracticeStatus];
  "Practice.Switch": [{ fault: string; times: number }, null];
  "Practice.Expire": [undefined, null];
  "System.Info": [undefined, Info];
  "System.Doctor": [{ fix: boolean }, Doctor];
  "System.RegisterScheme": [undefined, Scheme];
  "System.SetTheme": [{ theme: Theme }, null];
  "System.SetLoopbackPort": [{ port: number }, null];
  "System.OpenLink": [{ url: string }, null];
  "Operations.Cancel": [{ op: string }, null];
}

export type Method = keyof Methods;
export type Params<M extends Method> = Methods[M][0];
export type Answer<M extends Method> = Methods[M][1];
