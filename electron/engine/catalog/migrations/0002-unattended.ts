// Schedules and their runs, retention, messages. Instants are ISO 8601 in UTC with milliseconds, so that text order is time order.
export const unattended = `
alter table backups add column schedule_id text;
alter table backups add column pinned integer not null default 0;
alter table backups add column holds text not null default 'whole';   -- whole | quick | chosen
alter table backups add column selection text not null default '';    -- of quick and chosen ones: a hash of the very choice; '?': see the manifest
update backups set holds = 'quick' where json_extract(facts, '$.quick') = 1;
update backups set selection = '?' where status = 'succeeded';

-- Covering: retention looks at every backup, and never at the wide rows.
create index backups_for_retention on backups (status, profile_id, profile, database, schedule_id, origin, holds, selection, started_at,
  size_bytes, pinned, directory, id);

-- Backups that a job reads beside its subject: they stay until it ends.
create table job_reads (
  job_id text not null,
  backup_id text not null,
  primary key (backup_id, job_id)
) strict, without rowid;

alter table jobs add column priority integer not null default 0;      -- 0: somebody waits for it; 1: scheduled

create table schedules (
  id text primary key,
  name text not null unique collate nocase,
  fields text not null,              -- JSON: ScheduleFields
  enabled integer not null,
  settled_at text not null,          -- every slot up to here has its record
  next_at text,                      -- the next slot (or moved one); null: none, or off
  created_at text not null,
  updated_at text not null
) strict;
create index schedules_by_next on schedules (next_at) where next_at is not null;

-- Slots that somebody moved or skipped, before their time came.
create table schedule_changes (
  schedule_id text not null references schedules (id) on delete cascade,
  slot_at text not null,             -- where the rule puts it
  moved_to text,                     -- null: skipped
  primary key (schedule_id, slot_at)
) strict, without rowid;

create table runs (
  id text primary key,
  schedule_id text not null,         -- kept when the schedule goes
  schedule text not null,
  kind text not null,                -- backup | cleanup
  profile text not null,
  profile_id text,
  colour text not null,
  planned_at text not null,
  state text not null check (state in ('succeeded', 'failed', 'missed', 'caught-up', 'skipped', 'running', 'cancelled')),
  trigger text not null,             -- slot | catch-up | hand
  reason text,
  detail text not null default '',
  phase text,                        -- while running: waiting | working | pausing
  next_try_at text,
  owner text,                        -- while running: hosts.id
  started_at text,
  finished_at text,
  duration_ms integer,
  size_bytes integer,
  attempts integer not null default 0,
  interruptions integer not null default 0,
  covered_by text,
  backups text not null default '[]',  -- JSON: the newest try of each database
  job_id text,                       -- a cleanup's job; those of backups stand in "backups"
  error text,                        -- JSON: ErrorReport
  unique (schedule_id, planned_at)
) strict;
create index runs_by_time on runs (planned_at desc, schedule_id, state);
create index runs_by_schedule on runs (schedule_id, state, planned_at desc);
create index runs_covered on runs (covered_by) where covered_by is not null;
create index runs_open on runs (state) where state = 'running';

create table retention (
  scope text primary key,            -- profile:<id> | schedule:<id> | safety
  rule text not null,                -- JSON: RetentionRule
  updated_at text not null
) strict;

-- What retention took, and what it is about to take. A row stays for ever; its backup's row does not.
create table deletions (
  backup_id text primary key,
  state text not null check (state in ('marked', 'removed', 'failed')),
  subject text not null,             -- JSON: what a person should see of it
  directory text,
  reason text not null,
  rule text not null,
  marked_at text not null,
  removed_at text,
  freed_bytes integer,
  error text
) strict;
create index deletions_by_time on deletions (marked_at desc);
create index deletions_open on deletions (state) where state <> 'removed';

create table channels (
  id text primary key,
  name text not null unique collate nocase,
  fields text not null,              -- JSON: ChannelFields; never a secret
  holds text not null default '[]',  -- JSON: which secrets are on file
  place text not null,               -- for people, without secrets
  created_at text not null
) strict;

create table outbox (
  id text primary key,
  channel_id text not null,
  channel text not null,
  event text not null,
  subject text not null,
  body text not null,                -- JSON: what the message tells; never a secret
  created_at text not null,
  state text not null check (state in ('waiting', 'sent', 'failed')),
  tries integer not null default 0,
  next_try_at text,
  sent_at text,
  error text
) strict;
create index outbox_by_time on outbox (created_at desc);
create index outbox_waiting on outbox (next_try_at) where state = 'waiting';

-- Alarms that stand: told once until they are over.
create table alarms (
  kind text not null,
  schedule_id text not null,
  since text not null,
  primary key (kind, schedule_id)
) strict, without rowid;
`;
