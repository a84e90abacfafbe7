-- The words that a column may hold. As a domain's check they are parsed once a session, as a table's with every write.
create domain payment_status as text constraint payment_status_known
  check (value in ('open', 'requires_action', 'processing', 'succeeded', 'cancelled'));
create domain payment_object_kind as text constraint payment_object_kind_known
  check (value in ('payment_intent', 'checkout_session'));
create domain payment_object_state as text constraint payment_object_state_known check (value in ('none', 'opening', 'open'));
create domain refund_status as text constraint refund_status_known
  check (value in ('pending', 'succeeded', 'failed', 'withheld', 'charged_back'));
create domain ledger_side as text constraint ledger_side_known check (value in ('debit', 'credit'));
create domain ledger_account as text constraint ledger_account_known
  check (value in ('stripe_balance', 'customer_funds', 'disputed_funds'));
create domain ledger_kind as text constraint ledger_kind_known check (
  value in ('payment', 'refund', 'refund_failed', 'dispute_withdrawn', 'dispute_reinstated', 'dispute_lost')
);
create domain currency_code as text constraint currency_code_known check (value ~ '^[A-Z]{3}$');

-- A booking's request for money, and what became of it. A payment has at most one open object at Stripe, which the
-- object_… columns follow: `opening` is committed before the call that creates it, `open` once its id is known. The
-- next object gets the next attempt, and only after this one is closed for certain. A cancelled row without facts is
-- a tombstone: CancelPayment came before CreatePayment. booking_id and user_id belong to backend; user_id is null for a guest.
create table payment_transactions (
  id uuid primary key,
  booking_id uuid,
  booking_reference text,
  user_id uuid,
  description text,
  email text,
  currency currency_code,
  amount_minor_units bigint,
  refunded_minor_units bigint not null default 0,
  status payment_status not null,
  checkout_key text,
  attempt integer not null default 0,
  object_kind payment_object_kind,
  object_state payment_object_state not null default 'none',
  object_request jsonb,
  object_open_time timestamptz,
  object_id text,
  client_secret text,
  paid_intent_id text,
  card_brand text not null default '',
  card_last4 text not null default '',
  create_time timestamptz not null default now(),
  success_time timestamptz,
  cancel_time timestamptz,
  constraint payment_has_facts check (
    (status = 'cancelled' and attempt = 0)
    or (booking_id is not null and booking_reference is not null and description is not null and email is not null
      and currency is not null and amount_minor_units is not null and checkout_key is not null)
  ),
  constraint payment_amount_positive check (amount_minor_units > 0),
  constraint payment_refunds_within_amount check (
    refunded_minor_units = 0 or (status = 'succeeded' and refunded_minor_units between 1 and amount_minor_units)
  ),
  constraint payment_object_complete check (
    object_state = 'none'
    or (object_kind is not null and object_request is not null and object_open_time is not null and attempt > 0)
  ),
  constraint payment_open_object_has_id check (object_state <> 'open' or object_id is not null),
  constraint payment_success_complete check (
    (status = 'succeeded') = (paid_intent_id is not null) and (status = 'succeeded') = (success_time is not null)
  )
);

-- A person's history, newest first.
create index payment_transactions_of_user on payment_transactions (user_id, create_time desc, id desc);

-- A guest's history.
create index payment_transactions_of_booking on payment_transactions (booking_id, create_time desc, id desc);

-- A booking's money, as its owner or staff looks at it.
create index payment_transactions_of_reference on payment_transactions (booking_reference);

-- The payment of an intent that an event names.
create index payment_transactions_of_intent on payment_transactions (paid_intent_id) where paid_intent_id is not null;

-- Attempts that a bank declined, by Stripe's id of the charge. One that succeeded is the payment's own posting.
create table declined_attempts (
  payment_id uuid not null references payment_transactions (id),
  id text not null,
  code text not null,
  decline_code text not null,
  amount_minor_units bigint not null,
  card_brand text not null,
  card_last4 text not null,
  create_time timestamptz not null default now(),
  primary key (payment_id, id),
  constraint declined_attempt_amount_positive check (amount_minor_units > 0)
);

-- Money on its way back to the card. The row comes first, then Stripe under the row's id and attempt, then `succeeded`
-- or `failed`; a failure may also come days later. What has failed is no longer taken off the payment, and waits for
-- staff to try it again as the next attempt. Stripe refunds nothing that a bank has taken for a dispute: such a refund is
-- `withheld`, still taken off the payment, and the dispute ends it. Won, it is `pending` again as the next attempt; lost,
-- it is `charged_back`: the card's holder has the money from the bank, and nothing is sent.
create table refunds (
  payment_id uuid not null references payment_transactions (id),
  id uuid not null,
  amount_minor_units bigint not null,
  status refund_status not null default 'pending',
  attempt integer not null default 1,
  attempt_time timestamptz not null default now(),
  stripe_refund_id text,
  failure_reason text,
  failure_time timestamptz,
  withhold_time timestamptz,
  charge_back_time timestamptz,
  create_time timestamptz not null default now(),
  primary key (payment_id, id),
  constraint refund_amount_positive check (amount_minor_units > 0),
  constraint refund_success_has_stripe_id check (status <> 'succeeded' or stripe_refund_id is not null),
  constraint refund_failure_complete check (
    status <> 'failed' or (failure_reason is not null and failure_time is not null)
  ),
  constraint refund_withheld_complete check (status <> 'withheld' or withhold_time is not null),
  constraint refund_charged_back_complete check ((status = 'charged_back') = (charge_back_time is not null))
);

-- What staff must look at.
create index refunds_failed on refunds (failure_time desc, id desc) where status = 'failed';

-- What is to be carried on.
create index refunds_under_way on refunds (status, attempt_time) where status in ('pending', 'withheld');

-- Payments that a cardholder disputes with the bank, as Stripe last described them; the ledger has what moved.
create table disputes (
  payment_id uuid not null references payment_transactions (id),
  id text not null,
  charge_id text not null,
  status text not null,
  reason text not null,
  currency currency_code not null,
  amount_minor_units bigint not null,
  evidence_due_time timestamptz,
  create_time timestamptz not null default now(),
  primary key (payment_id, id),
  constraint dispute_amount_positive check (amount_minor_units > 0)
);

-- What staff must look at.
create index disputes_undecided on disputes (create_time desc, id desc)
where status not in ('won', 'lost', 'warning_closed', 'prevented');

-- Double entry: each posting (a payment's own id, a refund's, or one derived from an attempt or a dispute) is one debit
-- and one credit of the same money. `stripe_id` is the object at Stripe that moved it. The
-- deferred foreign key looks for an entry's counterpart at commit, so that no posting is ever out of balance.
create table ledger_entries (
  payment_id uuid not null references payment_transactions (id),
  posting_id uuid not null,
  kind ledger_kind not null,
  stripe_id text not null,
  side ledger_side not null,
  counter_side text not null generated always as (case side when 'debit' then 'credit' else 'debit' end) stored,
  account ledger_account not null,
  currency currency_code not null,
  amount_minor_units bigint not null,
  create_time timestamptz not null default now(),
  primary key (payment_id, posting_id, side),
  constraint ledger_amount_positive check (amount_minor_units > 0),
  constraint ledger_entry_identity unique (payment_id, posting_id, side, currency, amount_minor_units),
  constraint ledger_posting_balances foreign key (payment_id, posting_id, counter_side, currency, amount_minor_units)
    references ledger_entries (payment_id, posting_id, side, currency, amount_minor_units)
    deferrable initially deferred
);

-- Append-only, for the service's own role too. What is left of UPDATE is one generated column: the foreign key's
-- check wants the privilege, and nobody can write anything with it.
revoke update, delete, truncate on ledger_entries from current_user;

grant update (counter_side) on ledger_entries to current_user;

-- A person's customer at Stripe, to which saved cards are attached. The row comes before the customer.
create table customers (
  user_id uuid primary key,
  email text not null,
  stripe_customer_id text,
  create_time timestamptz not null default now()
);

-- Saved cards: Stripe's token and what a person recognises a card by, never its number. The fingerprint is Stripe's
-- for the number, so that a card saved twice is one row. A row with a remove_time is on its way out. The default card is
-- the one with the latest default_time, or else the oldest.
create table bank_cards (
  user_id uuid not null,
  id uuid not null,
  stripe_payment_method_id text not null,
  fingerprint text not null,
  brand text not null,
  last4 text not null,
  expiry_month integer not null,
  expiry_year integer not null,
  create_time timestamptz not null default now(),
  remove_time timestamptz,
  default_time timestamptz,
  primary key (user_id, id),
  constraint bank_card_once_a_person unique (user_id, fingerprint),
  constraint bank_card_last4_digits check (last4 ~ '^[0-9]{4}$'),
  constraint bank_card_expiry_month_real check (expiry_month between 1 and 12)
);

-- Stripe's events, each once. An event is a hint: what it says is fetched, so its body is not kept.
create table webhook_events (
  id text primary key,
  type text not null,
  object_id text not null,
  payment_id uuid,
  create_time timestamptz not null default now()
);

-- The events of a payment, for staff.
create index webhook_events_of_payment on webhook_events (payment_id) where payment_id is not null;

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

-- Answers to mutating requests, by caller, method and request id (kernel: idempotency).
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
