import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { rpcCredentials } from "@airside/kernel/credentials"
import { createSigner } from "@airside/kernel/identity"
import { newId } from "@airside/kernel/ids"
import { connect, type RpcClient } from "@airside/kernel/rpc-client"
import { ListDifferencesRequest, PaymentRepairServiceService } from "@airside/protos/airside/repairs/v1/repairs"
import {
  byMethod,
  createPayment,
  deliverEvents,
  objectsOf,
  type PaymentWorld,
  paidPayment,
  reasonOf,
  startPaymentWorld,
} from "../../test/payment-world.ts"

const STAFF = { kind: "person", userId: newId(), sessionId: "s", staff: true } as const
const PAGE = { pageSize: 100, pageToken: "" }
let world: PaymentWorld
let repairs: RpcClient<typeof PaymentRepairServiceService> & { close(): void }

beforeAll(async () => {
  world = await startPaymentWorld()
  const { environment } = world.world
  const signer = await createSigner("backend", JSON.parse(environment.BACKEND_PRIVATE_KEY!))
  repairs = connect(PaymentRepairServiceService, environment.PAYMENT_ADDRESS!, {
    credentials: rpcCredentials({}).client,
    identity: () => signer.sign(STAFF),
    deadlineSeconds: 12,
  })
})
afterAll(async () => {
  repairs?.close()
  await world?.stop()
})

/** Of this payment, as `kind: ours/theirs`; nothing counts as under way. */
const differencesOf = async (paymentId: string) => {
  const { differences } = await repairs.listDifferences(ListDifferencesRequest.fromPartial({ underWaySeconds: -1 }))
  return differences
    .filter((each) => each.paymentId === paymentId)
    .map(({ kind, ours, theirs }) => `${kind}: ${ours?.minorUnits ?? "none"}/${theirs?.minorUnits ?? "none"}`)
}

const refund = (paymentId: string, minorUnits: bigint) =>
  world.backend.refundPayment({
    requestId: newId(),
    refundId: newId(),
    paymentId,
    amount: { currency: "USD", minorUnits },
  })

describe("our record against Stripe's", () => {
  test("agrees about what was paid and partly refunded", async () => {
    const { id } = await paidPayment(world)
    await refund(id, 345n)
    expect(await differencesOf(id)).toEqual([])
  })

  test("differs when Stripe took another amount than we recorded, and so does the ledger", async () => {
    const { id } = await paidPayment(world)
    await world.sql`update payment_transactions set amount_minor_units = 12346 where id = ${id}`
    expect(await differencesOf(id)).toEqual(["charge: 12346/12345", "ledger: 12346/12345"])
  })

  test("differs when Stripe took money that we know nothing of", async () => {
    const paymentId = newId()
    await world.stripe.paymentIntents.create({
      amount: 500,
      currency: "usd",
      payment_method: "pm_card_visa",
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: "never" },
      metadata: { payment_id: paymentId },
    })
    expect(await differencesOf(paymentId)).toEqual(["charge: none/500"])
  })

  test("differs when a charge that we count is not at Stripe", async () => {
    const { id } = await paidPayment(world)
    await world.sql`update payment_transactions set paid_intent_id = 'pi_nowhere' where id = ${id}`
    expect(await differencesOf(id)).toContain("charge: 12345/none")
  })

  test("differs when somebody refunds by Stripe's dashboard", async () => {
    const { id } = await paidPayment(world)
    const [row] = await world.sql`select paid_intent_id as intent from payment_transactions where id = ${id}`
    await world.stripe.refunds.create({ payment_intent: row!.intent, amount: 100 })
    expect(await differencesOf(id)).toEqual(["refund: none/100"])
  })

  const disputedPayment = async () => {
    const payment = await createPayment(world)
    await world.person(payment.userId).processPayment(byMethod(payment.id, "pm_card_createDispute"))
    await refund(payment.id, 345n)
    return payment.id
  }

  test("agrees about a refund that waits for a dispute, and one that a lost dispute made up for", async () => {
    const id = await disputedPayment()
    expect(await differencesOf(id)).toEqual([])
    const { intents } = await objectsOf(world, id)
    const [dispute] = (await world.stripe.disputes.list({ payment_intent: intents[0]!.id })).data
    await world.stripe.disputes.close(dispute!.id)
    await deliverEvents(world, id)
    expect(await differencesOf(id)).toEqual([])
  })

  test("differs when a refund waits for a dispute that is not open, or is made up for by one that was not lost", async () => {
    const id = await disputedPayment()
    await world.sql`update disputes set status = 'won' where payment_id = ${id}`
    expect(await differencesOf(id)).toEqual(["dispute: 345/0"])
    await world.sql`update refunds set status = 'charged_back', charge_back_time = now() where payment_id = ${id}`
    expect(await differencesOf(id)).toEqual(["dispute: 345/0"])
  })

  test("what is younger than a minute is no difference", async () => {
    const { id } = await paidPayment(world)
    await world.sql`update payment_transactions set paid_intent_id = 'pi_elsewhere' where id = ${id}`
    const { differences } = await repairs.listDifferences(ListDifferencesRequest.fromPartial({}))
    expect(differences.filter((each) => each.paymentId === id)).toEqual([])
  })
})

describe("an event without a payment", () => {
  const store = (id: string, type: string) => world.sql`
    insert into webhook_events (id, type, object_id) values (${id}, ${type}, 'pi_1')`
  const unmatched = async () => (await repairs.listUnmatchedEvents(PAGE)).events.map(({ id }) => id)

  test("is listed when it is about money, and found its payment when it has one", async () => {
    const { id } = await paidPayment(world)
    const events = await world.stripe.events.list({ type: "payment_intent.succeeded", limit: 100 })
    const event = events.data.find(
      ({ data }) => (data.object as { metadata?: { payment_id?: string } }).metadata?.payment_id === id,
    )!
    await store(event.id, event.type)
    await store("evt_customer", "customer.created")
    expect(await unmatched()).toEqual([event.id])

    const request = { requestId: newId(), eventId: event.id }
    expect(await repairs.matchEvent(request)).toEqual({ paymentId: id })
    expect(await repairs.matchEvent(request)).toEqual({ paymentId: id })
    expect(await unmatched()).toEqual([])
    const entries = (await repairs.listPaymentRepairs(PAGE)).repairs.filter(({ target }) => target === event.id)
    expect(entries).toMatchObject([{ userId: STAFF.userId, action: "match event", result: `payment ${id}` }])
  })

  test.each(["evt_unknown", "evt_unknown_to_stripe"])("%s is not found, and that is kept too", async (eventId) => {
    if (eventId === "evt_unknown_to_stripe") await store(eventId, "charge.refunded")
    expect(await reasonOf(repairs.matchEvent({ requestId: newId(), eventId }))).toBe("EVENT_NOT_FOUND")
    const [latest] = (await repairs.listPaymentRepairs(PAGE)).repairs
    expect(latest).toMatchObject({ target: eventId, result: "EVENT_NOT_FOUND" })
  })
})

test("nobody but staff repairs", async () => {
  const payment = await createPayment(world)
  const { environment } = world.world
  const signer = await createSigner("backend", JSON.parse(environment.BACKEND_PRIVATE_KEY!))
  const token = await signer.sign({ ...STAFF, userId: payment.userId, staff: false })
  expect(await reasonOf(repairs.listUnmatchedEvents(PAGE, { token }))).toBe("NOT_ALLOWED")
})
