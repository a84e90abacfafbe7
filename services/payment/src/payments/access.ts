import { type Caller, isStaff } from "@airside/kernel/identity"
import { failures } from "../failures.ts"
import type { PaymentRow } from "./payment.ts"

/** The person or guest whose payment it is; a tombstone is nobody's. */
export function isOwner(caller: Caller, payment: Pick<PaymentRow, "userId" | "bookingId">): boolean {
  if (caller.kind === "person") return payment.userId !== null && payment.userId === caller.userId
  if (caller.kind === "guest") return payment.bookingId !== "" && payment.bookingId === caller.bookingId
  return false
}

/** Throws PAYMENT_NOT_FOUND for those who may not see the payment: to them it does not exist. */
export function requireReader(caller: Caller, payment: PaymentRow) {
  const isBackend = caller.kind === "service" && caller.name === "backend"
  if (!isBackend && !isStaff(caller) && !isOwner(caller, payment)) throw failures.PAYMENT_NOT_FOUND()
}

/** Throws PAYMENT_NOT_FOUND unless the caller is the owner, or ui with the key of the payment's hosted page. */
export function requirePayer(caller: Caller, payment: PaymentRow, checkoutKey: string | undefined) {
  if (isOwner(caller, payment)) return
  const isUi = caller.kind === "service" && caller.name === "ui"
  if (isUi && checkoutKey && isSameKey(checkoutKey, payment.checkoutKey)) return
  throw failures.PAYMENT_NOT_FOUND()
}

function isSameKey(given: string, key: string): boolean {
  const hash = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest()
  return key !== "" && crypto.timingSafeEqual(hash(given), hash(key))
}
