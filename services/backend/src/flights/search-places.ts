import { invalidRequest } from "@airside/kernel/errors"
import type { SearchPlacesRequest, SearchPlacesResponse } from "@airside/protos/airside/flights/v1/flights"
import type { CallContext } from "../context.ts"

/** Airports and cities whose code, city, name or country begins like the query. Reasons: INVALID_REQUEST. */
export async function searchPlaces(
  { places }: CallContext,
  request: SearchPlacesRequest,
): Promise<SearchPlacesResponse> {
  if (request.query.length > 100) throw invalidRequest([{ field: "query", message: "is longer than 100 characters" }])
  if (request.pageSize < 0 || request.pageSize > 50)
    throw invalidRequest([{ field: "page_size", message: "must be from 1 to 50" }])
  return { places: await places.search(request.query, request.pageSize || 10) }
}
