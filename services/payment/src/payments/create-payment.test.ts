import { afterAll, afterEach, beforeAll, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { CancelPaymentRequest, PaymentStatus } from "@airside/protos/airside/payments/v1/payments"
import {
  createPayment,
  objectsOf,
  onHostedPage,
  type PaymentWorld,
  paymentRequest,
  reasonOf,
  startPaymentWorld,
} from "../../test/payment-world.ts"

let world: PaymentWorld
beforeAll(async () => {
  world = await startPaymentWorld()
})
afterAll(() => world?.stop())
afterEach(() => world.wire.mend())

test("a payment opens one PaymentIntent for its amount, which leads back to it", async () => {
  const payment = await createPayment(world)
  expect(payment).toMatchObject({ status: PaymentStatus.OPEN, amount: { currency: "USD", minorUnits: 12_345n } })
  expect(payment.checkoutKey).toMatch(/^[\w-]{43}$/)
  const { intents } = await objectsOf(world, payment.id)
  expect(intents).toHaveLength(1)
  expect(intents[0]).toMatchObject({
    amount: 12_345,
    currency: "usd",
    allowed_payment_method_types: ["card"],
    client_secret: payment.clientSecret,
    receipt_email: "ada@example.com",
    metadata: { payment_id: payment.id, booking_reference: "K7M2QX" },
  })
})

test("the customer of a person is the same for each of their payments; a guest has none", async () => {
  const userId = newId()
  const [first, second, guests] = await Promise.all([
    createPayment(world, { userId }),
    createPayment(world, { userId }),
    createPayment(world, { userId: "" }),
  ])
  const customerOf = async (id: string) => (await objectsOf(world, id)).intents[0]!.customer
  expect(await customerOf(first.id)).toStartWith("cus_")
  expect(await customerOf(second.id)).toBe(await customerOf(first.id))
  world.wire.requests.length = 0
  await createPayment(world, { userId })
  expect(world.wire.requests.map(({ line }) => line)).not.toContain("POST /v1/customers")
  expect(await customerOf(guests.id)).toBeNull()
})

test("a customer that Stripe no longer knows is replaced", async () => {
  const userId = newId()
  const first = await createPayment(world, { userId })
  const [before] = (await objectsOf(world, first.id)).intents
  await world.stripe.customers.del(before!.customer as string)
  const second = await createPayment(world, { userId })
  const [after] = (await objectsOf(world, second.id)).intents
  expect(after!.customer).toStartWith("cus_")
  expect(after!.customer).not.toBe(before!.customer)
  expect((await objectsOf(world, second.id)).open).toHaveLength(1)
})

test("the same facts give the same payment, at once and later, and one intent", async () => {
  const request = paymentRequest()
  const again = { ...request, requestId: newId() }
  const answers = await Promise.all([
    world.backend.createPayment(request),
    world.backend.createPayment(request),
    world.backend.createPayment(again),
  ])
  answers.push(await world.backend.createPayment({ ...request, requestId: newId() }))
  expect(new Set(answers.map(({ payment }) => payment!.clientSecret)).size).toBe(1)
  expect((await objectsOf(world, request.paymentId)).intents).toHaveLength(1)
})

test("another amount, booking or payer under the same id: PAYMENT_DIFFERS", async () => {
  const request = paymentRequest()
  await world.backend.createPayment(request)
  const others = [{ amount: { currency: "USD", minorUnits: 1n } }, { bookingId: newId() }, { userId: "" }]
  for (const other of others) {
    const refused = world.backend.createPayment({ ...request, ...other, requestId: newId() })
    expect(await reasonOf(refused)).toBe("PAYMENT_DIFFERS")
  }
})

test("a payment that was cancelled before it came is refused: PAYMENT_CANCELLED", async () => {
  const request = paymentRequest()
  const cancelled = await world.backend.cancelPayment(
    CancelPaymentRequest.fromPartial({ requestId: newId(), paymentId: request.paymentId }),
  )
  expect(cancelled.payment!.status).toBe(PaymentStatus.CANCELLED)
  expect(await reasonOf(world.backend.createPayment(request))).toBe("PAYMENT_CANCELLED")
  expect((await objectsOf(world, request.paymentId)).intents).toEqual([])
})

test("a lost answer of Stripe's: the repeated request finds the intent that was made", async () => {
  const request = paymentRequest()
  world.wire.loseAnswer(/POST \/v1\/payment_intents$/)
  expect(await reasonOf(world.backend.createPayment(request))).toBe("STRIPE_UNAVAILABLE")
  const { payment } = await world.backend.createPayment(request)
  const { intents } = await objectsOf(world, request.paymentId)
  expect(intents.map((intent) => intent.client_secret)).toEqual([payment!.clientSecret])
})

test("an answer lost longer ago than Stripe keeps keys: the intent is found by its metadata", async () => {
  const request = paymentRequest()
  world.wire.loseAnswer(/POST \/v1\/payment_intents$/)
  await reasonOf(world.backend.createPayment(request))
  await world.sql`
    update payment_transactions
    set object_open_time = now() - interval '25 hours'
    where id = ${request.paymentId}`
  world.wire.cut(/POST \/v1\/payment_intents$/)
  const { payment } = await world.backend.createPayment({ ...request, requestId: newId() })
  const { intents } = await objectsOf(world, request.paymentId)
  expect(intents.map((intent) => intent.client_secret)).toEqual([payment!.clientSecret])
})

test("Stripe crashed over the create and repeats its crash: another intent takes its place", async () => {
  const request = paymentRequest()
  const crash = { error: { type: "api_error", message: "crash" } }
  const headers = { "idempotent-replayed": "true" }
  world.wire.answerWith(/POST \/v1\/payment_intents$/, () => {
    world.wire.mend()
    return Response.json(crash, { status: 500, headers })
  })
  const { payment } = await world.backend.createPayment(request)
  const { intents } = await objectsOf(world, request.paymentId)
  expect(intents.map((intent) => [intent.client_secret, intent.metadata.attempt])).toEqual([
    [payment!.clientSecret, "2"],
  ])
})

test("no answer is kept of a created payment, nor the payment's keys with it", async () => {
  const request = paymentRequest()
  await world.backend.createPayment(request)
  expect(await world.sql`select 1 from answers where request_id = ${request.requestId}`).toHaveLength(0)
})

test("the answer is lost before it arrives: the repeated request gets the same payment and keys", async () => {
  const request = paymentRequest()
  const { payment } = await world.backend.createPayment(request)
  expect((await world.backend.createPayment(request)).payment).toEqual(payment)
  expect((await objectsOf(world, request.paymentId)).intents).toHaveLength(1)
})

test("a bad request names every field, and writes nothing", async () => {
  const request = paymentRequest({
    requestId: "",
    bookingId: "x",
    bookingReference: "",
    amount: { currency: "EUR", minorUnits: 0n },
    email: "nobody",
  })
  const error = await world.backend.createPayment(request).catch((error) => error)
  expect(error.reason).toBe("INVALID_REQUEST")
  expect(error.fields.map(({ field }: { field: string }) => field)).toEqual([
    "request_id",
    "booking_id",
    "booking_reference",
    "email",
    "amount.minor_units",
    "amount.currency",
  ])
  expect(await world.sql`select 1 from payment_transactions where id = ${request.paymentId}`).toHaveLength(0)
})

test("an amount below Stripe's least: AMOUNT_TOO_SMALL", async () => {
  const refused = world.backend.createPayment(paymentRequest({ amount: { currency: "USD", minorUnits: 10n } }))
  expect(await reasonOf(refused)).toBe("AMOUNT_TOO_SMALL")
})

test("nobody but backend asks for money", async () => {
  const request = paymentRequest()
  expect(await reasonOf(world.anonymous.createPayment(request))).toBe("LOG_IN_REQUIRED")
  for (const caller of [world.ui, world.person(request.userId, true), world.guest(request.bookingId)]) {
    expect(await reasonOf(caller.createPayment(request))).toBe("NOT_ALLOWED")
  }
})

test("asking again while the payer is on the hosted page leaves the page open", async () => {
  const request = paymentRequest()
  await world.backend.createPayment(request)
  await world.person(request.userId).processPayment(onHostedPage(request.paymentId))
  const { payment } = await world.backend.createPayment({ ...request, requestId: newId() })
  expect(payment!.clientSecret).toBe("")
  expect((await objectsOf(world, request.paymentId)).sessions[0]!.status).toBe("open")
})
