// `tell` as the rest of the engine calls it: on the engine's own connection, inside a transaction.
import { createAppEvents } from '../../../electron/engine/app-events.ts';
import { openCatalog, type Sqlite } from '../../../electron/engine/catalog/open.ts';
import { createMessages } from '../../../electron/engine/messages/index.ts';
import type { Messages } from '../../../electron/engine/messages/told.ts';
import { createProfiles } from '../../../electron/engine/profiles/profiles.ts';
import type { TestEngine } from '../../support/engine.ts';

export function insideOf({ home, ports }: TestEngine): { catalog: Sqlite; messages: Messages } {
  const catalog = openCatalog(home);
  const messages = createMessages({ ports, catalog, profiles: createProfiles(catalog, ports), events: createAppEvents() });
  return { catalog, messages };
}
