/** A small schema with something of most kinds, for comparisons with what it was made other. */
export const schema = `
  create schema app; create type app.mood as enum ('sad', 'ok'); create type app.tone as enum ('low');
  create table app.people (id serial primary key, name text not null, mood app.mood, born date default '2000-01-01', check (id > 0));
  create table app.pets (id int primary key, owner int references app.people, moods app.mood[]);
  create table public.log (id bigint generated always as identity primary key, at timestamptz, tone app.tone);
  create index log_at on log (at); create function app.f(x int) returns int language sql as 'select 1';
  insert into app.people (name) values ('a'); insert into app.pets values (1, 1); insert into log (at) values (now());
  create view app.v as select id, name from app.people where id > 1;
  create function app.t() returns trigger language plpgsql as 'begin return new; end';
  create trigger touched before insert on app.people for each row execute function app.t();`;
