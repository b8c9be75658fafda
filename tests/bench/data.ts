// A data set like those that DBAs have: a shop with wide and narrow tables, text, numbers, times and JSON.
import { connect } from '../support/server.ts';

/** About so many megabytes of table data (without indexes), in a new database of that name. */
export async function generateShop(database: string, megabytes: number): Promise<void> {
  const postgres = await connect('postgres');
  await postgres.query(`drop database if exists ${database} with (force)`);
  await postgres.query(`create database ${database} template template0`);
  await postgres.end();
  const n = (perGigabyte: number): number => Math.max(100, Math.round((perGigabyte * megabytes) / 1024));
  const client = await connect(database);
  await client.query(`
    select setseed(0.42);
    create table customers (id bigserial primary key, email text unique, name text, city text, created timestamptz, note jsonb);
    create table orders (id bigserial primary key, customer_id bigint, status text, total numeric(12, 2), created timestamptz, address text);
    create table items (id bigserial primary key, order_id bigint, sku text, qty int, price numeric(10, 2));
    create table events (id bigserial primary key, at timestamptz, kind text, payload jsonb);
    insert into customers (email, name, city, created, note)
      select 'user' || i || '@example' || (i % 97) || '.com', 'Name ' || md5(i::text), (array['Berlin', 'Paris', 'Rome', 'Oslo', 'Wien'])[1 + i % 5],
             timestamptz '2026-01-01' - (i || ' seconds')::interval, jsonb_build_object('tier', i % 4, 'ref', md5((i * 7)::text))
        from generate_series(1, ${n(640_000)}) i;
    insert into orders (customer_id, status, total, created, address)
      select (random() * ${n(640_000)})::int, (array['new', 'paid', 'shipped', 'done'])[1 + (i % 4)], (random() * 1000)::numeric(12, 2),
             timestamptz '2026-01-01' - (i || ' seconds')::interval, 'Street ' || (random() * 1000)::int || ', ' || substr(md5(random()::text), 1, 12)
        from generate_series(1, ${n(2_400_000)}) i;
    insert into items (order_id, sku, qty, price)
      select (random() * ${n(2_400_000)})::int, 'SKU-' || (random() * 50000)::int, (random() * 9)::int + 1, (random() * 300)::numeric(10, 2)
        from generate_series(1, ${n(6_400_000)}) i;
    insert into events (at, kind, payload)
      select timestamptz '2026-01-01' - (i || ' ms')::interval, (array['click', 'view', 'buy'])[1 + i % 3],
             jsonb_build_object('user', (random() * 800000)::int, 'page', '/p/' || (random() * 5000)::int, 'agent', 'Mozilla/5.0 (X11; Linux x86_64)', 'id', md5(random()::text))
        from generate_series(1, ${n(1_440_000)}) i;
    create index on orders (customer_id);
    create index on items (order_id);
  `);
  await client.query('vacuum analyze');
  await client.end();
}
