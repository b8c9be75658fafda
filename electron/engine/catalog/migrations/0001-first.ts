export const first = `
create table profiles (
  id text primary key,
  name text not null unique collate nocase,
  fields text not null,              -- JSON: ProfileFields; never a password
  has_password integer not null default 0,
  created_at text not null,
  updated_at text not null
) strict;

create table backups (
  id text primary key,
  status text not null check (status in ('running', 'succeeded', 'failed', 'cancelled', 'interrupted')),
  profile text not null,
  profile_id text,
  job_id text,
  database text not null,
  origin text not null,
  label text not null default '',
  started_at text not null,
  finished_at text,
  duration_ms integer,
  size_bytes integer,
  directory text,
  present integer not null default 1,
  facts text not null default '{}',  -- JSON: what else a succeeded backup tells
  error text,                        -- JSON: ErrorReport
  verification text,                 -- JSON: the newest Verification
  search text not null default ''    -- what a search looks through, in lower case
) strict;
-- Narrow and covering: lists, searches and sorts of tens of thousands of rows never touch the wide ones.
create index backups_by_start on backups (started_at desc, id, status, profile, database, label, size_bytes, duration_ms, search);
create index backups_by_profile on backups (profile, started_at desc);
create index backups_by_job on backups (job_id);
create unique index backups_by_directory on backups (directory) where directory is not null;

create table verifications (
  id integer primary key,
  backup_id text not null references backups (id) on delete cascade,
  at text not null,
  ok integer not null,
  body text not null                 -- JSON: Verification
) strict;
create index verifications_by_backup on verifications (backup_id, at desc);

create table restores (
  id text primary key,
  status text not null check (status in ('running', 'succeeded', 'failed', 'cancelled', 'interrupted')),
  profile text not null,
  profile_id text,
  database text not null,
  started_at text not null,
  undo text not null default 'none',
  body text not null                 -- JSON: Restore
) strict;
create index restores_by_start on restores (started_at desc);

create table jobs (
  id text primary key,
  status text not null check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'interrupted')),
  kind text not null,
  title text not null,
  profile text not null,
  profile_id text,
  database text not null,
  subject_id text,
  server_key text not null,          -- jobs of one server share it
  owner text not null,               -- the process that runs it: hosts.id
  queued_at text not null,
  queue_order integer not null,
  started_at text,
  finished_at text,
  progress text,                     -- JSON: JobProgress
  result text,
  error text,
  cancel_asked integer not null default 0
) strict;
create index jobs_by_status on jobs (status, queue_order);
create index jobs_by_queue on jobs (queue_order desc);

-- Something made by a job that must not outlive it: written before it is made, deleted after it is gone.
create table leftovers (
  id text primary key,
  job_id text not null,
  owner text not null,
  kind text not null,
  body text not null                 -- JSON, by kind
) strict;

create table hosts (
  id text primary key,
  pid integer not null,
  kind text not null,
  started_at text not null
) strict;

create table settings (name text primary key, value text not null) strict;
`;
