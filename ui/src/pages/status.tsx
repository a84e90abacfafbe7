import { type Booking, BookingStatus } from "@airside/protos/airside/bookings/v1/bookings"

type Tone = "good" | "warn" | "bad" | ""

const STATUSES: Record<BookingStatus, [words: string, tone: Tone]> = {
  [BookingStatus.UNSPECIFIED]: ["Unknown", ""],
  [BookingStatus.HELD]: ["Seats held", "warn"],
  [BookingStatus.AWAITING_PAYMENT]: ["Waiting for payment", "warn"],
  [BookingStatus.PAID]: ["Paid", "good"],
  [BookingStatus.CONFIRMED]: ["Confirmed", "good"],
  [BookingStatus.EXPIRING]: ["Hold has lapsed", ""],
  [BookingStatus.EXPIRED]: ["Hold has lapsed", ""],
  [BookingStatus.CANCELLING]: ["Being cancelled", "warn"],
  [BookingStatus.CANCELLED]: ["Cancelled", "bad"],
}

export function StatusBadge({ status }: { status: BookingStatus }) {
  const [words, tone] = STATUSES[status]
  return <span class={`status ${tone}`}>{words}</span>
}

/** Seats are held and nothing is paid. */
export const canBePaid = (status: BookingStatus): boolean =>
  status === BookingStatus.HELD || status === BookingStatus.AWAITING_PAYMENT

/** It can be given back for what the quote says. */
export const canBeCancelled = (status: BookingStatus): boolean =>
  canBePaid(status) || status === BookingStatus.CONFIRMED

/** It moves on by itself, also when its hold has just lapsed: a look in some seconds may show something else. */
export const isMoving = ({ status, holdExpireTime }: Pick<Booking, "status" | "holdExpireTime">): boolean =>
  (status === BookingStatus.HELD && holdExpireTime !== undefined && holdExpireTime.getTime() <= Date.now()) ||
  status === BookingStatus.AWAITING_PAYMENT ||
  status === BookingStatus.PAID ||
  status === BookingStatus.EXPIRING ||
  status === BookingStatus.CANCELLING
