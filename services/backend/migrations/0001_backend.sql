-- People with an account. Names are unique whatever their case: the keys hold them in lower case.
create table users (
  id uuid primary key,
  username text not null,
  username_key text not null,
  email text not null,
  email_key text not null,
  password_hash text not null,
  first_name text not null,
  last_name text not null,
  staff boolean not null default false,
  create_time timestamptz not null default now(),
  constraint users_username_unique unique (username_key),
  constraint users_email_unique unique (email_key)
);

-- Log-ins. The id is the SHA-256 of what the client holds, so that a copy of this table opens nothing. The columns
-- are lucia's.
create table sessions (
  id text primary key,
  user_id uuid not null references users (id) on delete cascade,
  expires_at timestamptz not null,
  create_time timestamptz not null default now()
);
create index sessions_of_user on sessions (user_id, create_time);

-- Cities with an IATA code of their own, which stands for all of their airports ("LON"). An airport of the same code goes
-- before: the code means it alone.
create table cities (
  code text primary key constraint cities_code_is_iata check (code ~ '^[A-Z]{3}$'),
  name text not null
);

-- Airports that can be flown from and to, and what each charges a passenger with a seat who leaves from it to a place
-- in the same country or in another one, in the selling currency.
create table places (
  code text primary key constraint places_code_is_iata check (code ~ '^[A-Z]{3}$'),
  name text not null,
  city text not null,
  city_code text references cities (code),
  country text not null,
  country_code text not null,
  time_zone text not null,
  latitude double precision not null,
  longitude double precision not null,
  domestic_charge_minor_units bigint not null default 0,
  international_charge_minor_units bigint not null default 0,
  constraint places_charges_are_not_negative check (
    domestic_charge_minor_units >= 0 and international_charge_minor_units >= 0
  )
);

-- Airlines.
create table carriers (
  code text primary key,
  name text not null
);

-- The days on which flights operate; 0 is Monday.
create table week (
  day smallint primary key constraint week_has_seven_days check (day between 0 and 6),
  name text not null
);
insert into week (day, name) values
  (0, 'Monday'), (1, 'Tuesday'), (2, 'Wednesday'), (3, 'Thursday'), (4, 'Friday'), (5, 'Saturday'), (6, 'Sunday');

-- Schedule templates: a flight number that leaves at the same local time on its days of the week. The version rises
-- when something that a traveller agreed to changes.
create table flights (
  id uuid primary key,
  carrier_code text not null references carriers (code),
  flight_number text not null,
  origin text not null references places (code),
  destination text not null references places (code),
  departure_time time not null,
  duration_minutes int not null constraint flights_take_time check (duration_minutes between 1 and 2880),
  aircraft text not null,
  effective_from date not null default '2000-01-01',
  effective_until date not null default '2999-12-31',
  source text not null,
  version int not null default 1,
  constraint flights_go_somewhere check (origin <> destination),
  constraint flights_unique unique (carrier_code, flight_number, origin, destination, departure_time, effective_from)
);
create index flights_by_route on flights (origin, destination);

-- The days of the week on which a flight operates.
create table flight_days (
  flight_id uuid not null references flights (id) on delete cascade,
  day smallint not null references week (day),
  primary key (flight_id, day)
);

-- The cabins of a flight with their seats and the base fare of one adult, before taxes, in the selling currency.
create table flight_cabins (
  flight_id uuid not null references flights (id) on delete cascade,
  cabin text not null constraint flight_cabins_known check (cabin in ('economy', 'premium_economy', 'business', 'first')),
  capacity int not null constraint flight_cabins_have_seats check (capacity > 0),
  fare_minor_units bigint not null constraint flight_cabins_cost_something check (fare_minor_units > 0),
  primary key (flight_id, cabin)
);

-- One row that counts the changes of places, carriers and flights, so that whoever keeps them in memory reads them anew.
create table schedule (
  single boolean primary key default true constraint schedule_has_one_row check (single),
  version bigint not null default 1
);
insert into schedule default values;

-- Airports where changing flights takes another time than elsewhere: between two domestic flights, and when one of them
-- is not.
create table connection_times (
  place_code text primary key references places (code),
  domestic_minutes int not null constraint connection_times_domestic check (domestic_minutes between 1 and 1439),
  international_minutes int not null constraint connection_times_international check (international_minutes between 1 and 1439)
);

-- Percentages off the fare, never off taxes. A first-booking code has one live use an account.
create table promo_codes (
  code text primary key,
  percent int not null constraint promo_codes_percent check (percent between 1 and 100),
  first_booking boolean not null default false,
  active boolean not null default true
);
insert into promo_codes (code, percent, first_booking) values
  ('SAVE10', 10, false), ('SAVE20', 20, false), ('FIRSTFLIGHT', 15, true), ('STUDENT', 25, false);

-- Live uses of first-booking codes; the key makes a second one impossible. Released when the booking ends unused.
create table promo_uses (
  user_id uuid not null,
  code text not null references promo_codes (code),
  booking_id uuid not null,
  primary key (user_id, code)
);

-- Seats that are spoken for in a cabin of a departure, which is a flight on a local date; its id is a UUIDv5 of the two.
-- No row means that none are. Of those who want the last seats at once the check refuses who comes too late.
create table inventory (
  departure_id uuid not null,
  cabin text not null,
  flight_id uuid not null references flights (id),
  departure_date date not null,
  capacity int not null,
  held int not null default 0,
  sold int not null default 0,
  -- The transaction that changed it last: search looks for those that it has not seen ended.
  change_xid xid8 not null default pg_current_xact_id(),
  primary key (departure_id, cabin),
  constraint inventory_held_is_not_negative check (held >= 0),
  constraint inventory_sold_is_not_negative check (sold >= 0),
  constraint inventory_is_not_oversold check (held + sold <= capacity)
);

create index inventory_by_change on inventory (change_xid);

-- Seat numbers that are given away; the key makes one seat for two people impossible.
create table seats (
  departure_id uuid not null,
  seat text not null,
  booking_id uuid not null,
  segment_id uuid not null,
  passenger_id uuid not null,
  primary key (departure_id, seat)
);
create index seats_of_booking on seats (booking_id);

-- The words that a column may hold. As a domain's check they are parsed once a session, as a table's with every write.
create domain booking_status as text constraint booking_status_known check (
  value in ('held', 'awaiting_payment', 'paid', 'confirmed', 'expiring', 'expired', 'cancelling', 'cancelled')
);
create domain ticket_status as text constraint ticket_status_known
  check (value in ('unissued', 'open', 'used', 'refunded', 'void'));
create domain passenger_type as text constraint passenger_type_known check (value in ('adult', 'child', 'infant'));
create domain gender as text constraint gender_known check (value in ('unspecified', 'female', 'male'));

-- What a traveller bought or is about to buy. The row is its own job: as long as next_step_time is set, the sweep
-- takes the booking one step onward when that time has come (docs/decisions/0002).
create table bookings (
  id uuid primary key,
  reference text not null,
  user_id uuid,
  status booking_status not null,
  contact_email text not null,
  contact_phone text not null,
  currency text not null,
  -- Fare, taxes and promo as they were shown; what points pay is not in here.
  price_lines jsonb not null,
  total_minor_units bigint not null constraint bookings_total_is_not_negative check (total_minor_units >= 0),
  promo_code text,
  hold_expire_time timestamptz not null,
  hold_extended boolean not null default false,
  -- Counts checkouts: every one has a payment and a redemption of its own.
  attempt int not null default 0,
  -- Falls for good when somebody begins to close the attempt: from then on nobody notes its redemption or pays with it.
  attempt_open boolean not null default false,
  points_to_spend bigint not null default 0 constraint bookings_points_are_not_negative check (points_to_spend >= 0),
  points_redeemed bigint not null default 0,
  points_value_minor_units bigint not null default 0,
  points_earned bigint,
  payment_id uuid,
  payment_minor_units bigint not null default 0,
  -- The payment that made this booking paid; money of any other one is sent back.
  settled_payment_id uuid,
  next_step_time timestamptz,
  step_attempts int not null default 0,
  last_error text,
  flagged boolean not null default false,
  create_time timestamptz not null default now(),
  update_time timestamptz not null default now(),
  constraint bookings_points_are_part_of_the_total check (points_value_minor_units between 0 and total_minor_units)
);
create index bookings_due on bookings (next_step_time) where next_step_time is not null;
create index bookings_of_user on bookings (user_id, id) where user_id is not null;

-- The booking that a payment has paid, as an event asks for it.
create index bookings_of_payment on bookings (settled_payment_id) where settled_payment_id is not null;

-- What staff must look at.
create index bookings_stuck on bookings (id) where flagged or step_attempts >= 3;

-- Keeps references unique and finds a booking by the one that a traveller types.
create table booking_references (
  reference text primary key,
  booking_id uuid not null
);

-- The access tokens of guests, hashed: each opens one booking.
create table guest_tokens (
  booking_id uuid not null references bookings (id),
  token_hash text not null,
  expire_time timestamptz not null,
  primary key (booking_id, token_hash)
);
create index guest_tokens_by_hash on guest_tokens (token_hash);

-- The flights of a booking in the order of travel, with the facts that the traveller agreed to.
create table booking_segments (
  booking_id uuid not null references bookings (id),
  id uuid not null,
  slice smallint not null,
  position smallint not null,
  departure_id uuid not null,
  flight_id uuid not null,
  departure_date date not null,
  cabin text not null,
  brand text not null,
  carrier_code text not null,
  carrier_name text not null,
  flight_number text not null,
  origin text not null,
  destination text not null,
  origin_time_zone text not null,
  destination_time_zone text not null,
  departure_time timestamptz not null,
  arrival_time timestamptz not null,
  duration_minutes int not null,
  aircraft text not null,
  primary key (booking_id, id)
);

-- Who travels. The name key is what FindBooking compares: lower case, no accents, no spaces.
create table passengers (
  booking_id uuid not null references bookings (id),
  id uuid not null,
  position smallint not null,
  type passenger_type not null,
  given_name text not null,
  family_name text not null,
  family_name_key text not null,
  birth_date date not null,
  gender gender not null,
  primary key (booking_id, id)
);

-- One passenger on one segment, with their exact share of the price: the shares add up to the booking's total, and a
-- refund is a sum of shares. The number is given when the booking is confirmed.
create table tickets (
  booking_id uuid not null references bookings (id),
  passenger_id uuid not null,
  segment_id uuid not null,
  number text,
  status ticket_status not null,
  fare_minor_units bigint not null,
  tax_minor_units bigint not null,
  -- Zero or negative.
  promo_minor_units bigint not null,
  points_minor_units bigint not null default 0,
  -- What gave this ticket back, or is about to.
  cancellation_id uuid,
  primary key (booking_id, passenger_id, segment_id),
  constraint tickets_issued_have_numbers check ((status in ('unissued', 'void')) = (number is null))
);
create sequence ticket_numbers as bigint minvalue 1 maxvalue 9999999999;

-- What was given back for tickets of a booking and how far that has come. One at a time.
create table cancellations (
  booking_id uuid not null references bookings (id),
  id uuid not null,
  status text not null constraint cancellations_status_known check (status in ('requested', 'done')),
  refund_minor_units bigint not null constraint cancellations_refund_is_not_negative check (refund_minor_units >= 0),
  points_returned bigint not null,
  points_reversed bigint not null,
  -- The tickets' share of what the booking earned: what is reversed and what is taken off the refund instead.
  points_undone bigint not null default 0,
  lines jsonb not null,
  create_time timestamptz not null default now(),
  primary key (booking_id, id)
);

-- What staff had repaired by hand: who asked for it, for what, and what came of it. The id is derived from the request.
create table audit_entries (
  id uuid primary key,
  user_id uuid not null,
  action text not null,
  target text not null,
  result text not null,
  create_time timestamptz not null default now()
);
create index audit_entries_by_time on audit_entries (create_time desc, id desc);

-- Answers to mutating requests, so that the same request again gets the same answer.
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
