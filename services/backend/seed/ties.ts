/**
 * Countries to which more people fly than distance explains: a language, families, work, trade. By ISO 3166-1 code,
 * each pair once.
 */
const TIES: Record<string, string> = {
  US: "CA GB IE MX PR DO JM BS CR CU GT SV DE FR NL IT ES CH IL IN JP KR PH TW BR GU",
  GB: "IE CA AU NZ IN PK ZA PL AE CY MT",
  CA: "FR IN HK MX",
  ES: "MX CO AR CL PE EC UY VE DO CU",
  AR: "CL UY BR PE PY BO",
  PT: "BR AO MZ FR",
  FR: "MA DZ TN SN CI RE GP MU PF NC MG",
  DE: "AT CH TR",
  AT: "CH",
  DK: "NO SE FI IS FO GL",
  NO: "SE FI IS",
  IN: "AE QA SA OM KW BH SG LK NP",
  SA: "AE EG PK JO LB ID",
  AE: "EG PK OM KW BH QA",
  CN: "HK TW MO SG MY TH JP KR",
  TW: "HK JP",
  ID: "SG MY",
  SG: "MY AU TH",
  AU: "NZ FJ ID PG NC VU",
  NZ: "FJ WS TO CK PF",
  RU: "KZ UZ KG AM TR",
  PL: "IE NO",
  ZA: "ZW ZM BW NA MZ",
  KE: "TZ UG ET RW",
}

const pairs = new Set(Object.entries(TIES).flatMap(([a, others]) => others.split(" ").flatMap((b) => [a + b, b + a])))

/** Whether the two countries, by code, have such a tie. */
export function areTied(a: string, b: string): boolean {
  return pairs.has(a + b)
}
