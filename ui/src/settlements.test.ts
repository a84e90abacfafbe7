import { expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { isKnownToBeSettled, noteSettled, settling } from "./settlements.ts"

test("a payment is known to be settled when that was seen, and not before", async () => {
  const paymentId = newId()
  expect(await isKnownToBeSettled(paymentId)).toBe(false)
  noteSettled(paymentId)
  expect(await isKnownToBeSettled(paymentId)).toBe(true)
})

test("an event waits for the payment that is just being settled, and believes only what was seen", async () => {
  for (const succeeds of [true, false]) {
    const paymentId = newId()
    const answer = Promise.withResolvers<void>()
    const paying = settling(paymentId, async () => {
      await answer.promise
      if (succeeds) noteSettled(paymentId)
    })
    const event = isKnownToBeSettled(paymentId)
    answer.resolve()
    await paying
    expect(await event).toBe(succeeds)
  }
})

test("a payment whose settling fails is left to its event", async () => {
  const paymentId = newId()
  const paying = settling(paymentId, () => Promise.reject(new Error("backend is away")))
  const event = isKnownToBeSettled(paymentId)
  await expect(paying).rejects.toThrow("backend is away")
  expect(await event).toBe(false)
})

test("what was settled long ago is forgotten", async () => {
  const first = newId()
  noteSettled(first)
  for (let payments = 0; payments < 10_000; payments++) noteSettled(newId())
  expect(await isKnownToBeSettled(first)).toBe(false)
})
