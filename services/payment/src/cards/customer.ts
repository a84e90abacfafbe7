import type { Context } from "../context.ts"
import { askStripe, type StripeRefusal } from "../stripe/ask-stripe.ts"

/** The person's customer at Stripe, made when first needed; undefined for a guest. `email` is where receipts go. */
export async function customerOf(context: Context, userId: string | null, email: string): Promise<string | undefined> {
  if (!userId) return undefined
  const { sql } = context.database
  const row = (await findCustomer(context, userId)) ?? (await insertCustomer(context, userId, email))
  if (row.stripeCustomerId) return row.stripeCustomerId
  // From the row: a key goes with the same parameters each time.
  const customer = await askStripe(() =>
    context.stripe.customers.create(
      { metadata: { user_id: userId }, ...(row.email && { email: row.email }) },
      { idempotencyKey: `customer:${userId}:${row.createTime.getTime()}` },
    ),
  )
  await sql`
    update customers
    set stripe_customer_id = ${customer.id}
    where user_id = ${userId} and stripe_customer_id is null`
  return (await findCustomer(context, userId))!.stripeCustomerId!
}

/**
 * True when the refusal says that Stripe no longer knows the person's customer: it was deleted there, or the operator
 * has moved to another Stripe account. The next customerOf then makes a new one.
 */
export async function replaceLostCustomer(
  { database: { sql } }: Context,
  userId: string | null,
  customer: unknown,
  { code, param }: StripeRefusal,
): Promise<boolean> {
  if (code !== "resource_missing" || param !== "customer" || !userId || typeof customer !== "string") return false
  await sql`
    update customers
    set stripe_customer_id = null, create_time = now()
    where user_id = ${userId} and stripe_customer_id = ${customer}`
  return true
}

async function findCustomer({ database: { sql } }: Context, userId: string) {
  const [row] = await sql<{ email: string; stripeCustomerId: string | null; createTime: Date }[]>`
    select email, stripe_customer_id as "stripeCustomerId", create_time as "createTime"
    from customers
    where user_id = ${userId}`
  return row
}

async function insertCustomer(context: Context, userId: string, email: string) {
  await context.database.sql`
    insert into customers (user_id, email)
    values (${userId}, ${email})
    on conflict (user_id) do nothing`
  return (await findCustomer(context, userId))!
}
