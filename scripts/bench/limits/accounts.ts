import type { CallLoad } from "../load-calls.ts"
import type { Bench } from "../measurement.ts"
import type { BenchProduct } from "../product.ts"
import { runChild } from "./start-limit.ts"

export const ACCOUNTS = 100_000

/** Rows for limit (c) in the product's own PostgreSQL, as pgbench makes them at scale 1. */
export async function createAccounts({ admin }: BenchProduct): Promise<void> {
  await admin`create schema if not exists bench`
  await admin`
    create table if not exists bench.accounts (id int primary key, balance bigint not null, filler char(84) not null)`
  await admin`
    insert into bench.accounts (id, balance, filler)
    select id, 0, '' from generate_series(1, ${ACCOUNTS}::int) as id
    on conflict do nothing`
  await admin`
    create table if not exists bench.history (
      id bigint primary key generated always as identity, account_id int not null, delta bigint not null,
      create_time timestamptz not null default now()
    )`
  await admin`analyze bench.accounts`
}

export const transactions = (
  bench: Bench,
  { trial }: BenchProduct,
  { seconds, workers, kind }: { seconds: number; workers: number; kind: "spread" | "hot" },
) =>
  runChild<CallLoad>(bench, "transactions.ts", [
    trial.environment.DATABASE_URL!,
    String(seconds),
    String(workers),
    kind,
  ])
