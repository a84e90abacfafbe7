import { derivedId } from "@airside/kernel/ids"

/** Ids that other services know a booking's steps by: derived, so that a repeated step finds the same thing again. */
export const stepIds = {
  payment: (bookingId: string, attempt: number) => derivedId("payment", bookingId, attempt),
  redemption: (bookingId: string, attempt: number) => derivedId("redemption", bookingId, attempt),
  earning: (bookingId: string) => derivedId("earning", bookingId),
  request: (id: string, step: string) => derivedId("request", id, step),
}
