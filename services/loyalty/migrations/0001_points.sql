-- The words that a column may hold. As a domain's check they are parsed once a session, as a table's with every write.
create domain transaction_kind as text constraint transaction_kind_known
  check (value in ('earn', 'redeem', 'reverse', 'expire', 'adjust'));

-- Levels of the programme: from how many lifetime points on each holds, and what it does to earning and spending.
create table loyalty_tiers (
  name text primary key,
  minimum_points bigint not null,
  earning_percent integer not null,
  redemption_percent integer not null,
  benefits text[] not null default '{}',
  constraint minimum_points_not_negative check (minimum_points >= 0),
  constraint earning_percent_positive check (earning_percent > 0),
  constraint redemption_percent_positive check (redemption_percent > 0)
);

-- A person's points: balance and lifetime are the sums of the person's transactions, and whoever moves points
-- holds this row, so that all else that carries the same user_id changes by one hand at a time.
create table loyalty_accounts (
  user_id uuid primary key,
  balance bigint not null default 0,
  lifetime bigint not null default 0,
  last_sequence bigint not null default 0,
  create_time timestamptz not null default now(),
  constraint balance_not_negative check (balance >= 0),
  constraint lifetime_not_negative check (lifetime >= 0)
);

-- The ledger: rows are added, never changed. points and lifetime_points are what a row added to the account, and
-- balance_after what it then held; original_id is the transaction that a reversal undoes or whose points expired;
-- shortfall is what a reversal could not take back because it was spent; adjusted_by is the member of staff.
create table points_transactions (
  user_id uuid not null references loyalty_accounts,
  id uuid not null,
  sequence bigint not null,
  kind transaction_kind not null,
  points bigint not null,
  lifetime_points bigint not null default 0,
  balance_after bigint not null,
  shortfall bigint not null default 0,
  original_id uuid,
  fare_minor_units bigint,
  fare_currency text,
  booking_reference text not null default '',
  description text not null,
  adjusted_by uuid,
  expire_time timestamptz,
  create_time timestamptz not null default now(),
  primary key (user_id, id),
  constraint sequence_once unique (user_id, sequence),
  constraint original_in_account foreign key (user_id, original_id) references points_transactions (user_id, id),
  constraint points_fit_kind check (
    case kind
      when 'earn' then points >= 0 and lifetime_points = points
      when 'redeem' then points < 0 and lifetime_points = 0
      when 'expire' then points < 0 and lifetime_points = 0
      when 'adjust' then points <> 0 and lifetime_points = 0
      else lifetime_points <= 0
    end
  ),
  constraint balance_after_not_negative check (balance_after >= 0),
  constraint adjusted_by_staff check ((adjusted_by is not null) = (kind = 'adjust')),
  constraint original_fits_kind check ((original_id is not null) = (kind in ('reverse', 'expire'))),
  constraint shortfall_of_reversals check (shortfall >= 0 and (shortfall = 0 or kind = 'reverse')),
  constraint fare_of_earnings check (
    (fare_minor_units is null) = (kind <> 'earn') and (fare_currency is null) = (kind <> 'earn')
  )
);

create index points_transactions_original on points_transactions (user_id, original_id) where original_id is not null;

-- Points that came in together and expire together; the remaining ones of all lots are the balance.
create table lots (
  user_id uuid not null,
  id uuid not null,
  points bigint not null,
  remaining bigint not null,
  expire_time timestamptz not null,
  primary key (user_id, id),
  constraint lot_of_transaction foreign key (user_id, id) references points_transactions (user_id, id),
  constraint points_positive check (points > 0),
  constraint remaining_in_range check (remaining between 0 and points)
);

create index lots_to_spend on lots (user_id, expire_time) where remaining > 0;
create index lots_to_expire on lots (expire_time) where remaining > 0;

-- What a transaction took out of which lot, and how much of it went back since.
create table lot_draws (
  user_id uuid not null,
  transaction_id uuid not null,
  lot_id uuid not null,
  points bigint not null,
  returned_points bigint not null default 0,
  primary key (user_id, transaction_id, lot_id),
  constraint draw_of_transaction foreign key (user_id, transaction_id) references points_transactions (user_id, id),
  constraint draw_from_lot foreign key (user_id, lot_id) references lots (user_id, id),
  constraint points_positive check (points > 0),
  constraint returned_points_in_range check (returned_points between 0 and points)
);

-- Points spent on a booking, at the value of that moment; pending until the booking is paid or has them back.
create table redemptions (
  user_id uuid not null,
  transaction_id uuid not null,
  booking_reference text not null,
  points bigint not null,
  returned_points bigint not null default 0,
  value_minor_units bigint not null,
  currency text not null,
  paid boolean not null default false,
  primary key (user_id, transaction_id),
  constraint redemption_of_transaction foreign key (user_id, transaction_id) references points_transactions (user_id, id),
  constraint points_positive check (points > 0),
  constraint returned_points_in_range check (returned_points between 0 and points),
  constraint value_not_negative check (value_minor_units >= 0)
);

create index redemptions_pending on redemptions (user_id, booking_reference) where not paid;

-- Transactions that were reversed before they arrived: when they do, they are refused.
create table tombstones (
  user_id uuid not null references loyalty_accounts,
  transaction_id uuid not null,
  create_time timestamptz not null default now(),
  primary key (user_id, transaction_id)
);

-- Answers to requests that move points, kept so that the same request gets the same answer.
create table answers (
  subject text not null,
  method text not null,
  request_id uuid not null,
  fingerprint bytea not null,
  response bytea,
  failure jsonb,
  claim_expire_time timestamptz,
  create_time timestamptz not null default now(),
  primary key (subject, method, request_id)
);
