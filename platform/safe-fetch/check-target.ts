import { isIP } from 'node:net';
import { isPublicAddress } from './public-address.ts';

/** Why a URL that somebody else gave us is not called. */
export class UnsafeTarget extends Error {
  override readonly name = 'UnsafeTarget';
}

export type TargetRules = {
  /** `host:port` of receivers that are trusted as they are, also by http and at private addresses; for local tests. */
  allowedHosts: readonly string[];
};

export type Target = {
  url: URL;
  /** Without the brackets of IPv6 and without a dot at the end. */
  host: string;
  port: number;
  /** On the allow-list: its addresses are not checked. */
  trusted: boolean;
};

const urlCharactersMax = 2_048;
/** The port of https, and those that no system service listens at. */
const mayUsePort = (port: number): boolean => port === 443 || port >= 1_024;

/** Names that no public resolver answers, or that only mean something inside a network. */
const insideNames =
  /(^|\.)(localhost|localdomain|local|internal|intranet|lan|home|corp|private|home\.arpa|test|invalid|onion)$/;

/**
 * What can be known of a URL before anything is resolved. Throws UnsafeTarget. The URL parser has turned decimal, octal and
 * hexadecimal hosts into IPv4 by then, and full-width characters into ASCII.
 */
export function checkTarget(text: string, { allowedHosts }: TargetRules): Target {
  if (text.length > urlCharactersMax)
    throw new UnsafeTarget(`a URL has at most ${urlCharactersMax} characters`);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UnsafeTarget('it is not a URL');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new UnsafeTarget('it must be https');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.+$/, '');
  const port = Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port);
  if (url.username !== '' || url.password !== '')
    throw new UnsafeTarget('it must not contain a user name or a password');
  if (allowedHosts.includes(`${host}:${port}`)) return { url, host, port, trusted: true };
  if (url.protocol !== 'https:') throw new UnsafeTarget('it must be https');
  if (!mayUsePort(port)) throw new UnsafeTarget('its port must be 443, or 1024 or above');
  if (isIP(host) === 0) assertPublicName(host);
  else if (!isPublicAddress(host)) throw notPublic();
  return { url, host, port, trusted: false };
}

function assertPublicName(host: string): void {
  if (host === '' || !host.includes('.') || insideNames.test(host))
    throw new UnsafeTarget('its host must be a public name');
}

/** Every address, because the connection may be made to any of them. Throws UnsafeTarget. */
export function assertPublicAddresses(addresses: readonly { address: string }[]): void {
  if (addresses.length === 0) throw new UnsafeTarget('its host has no address');
  for (const { address } of addresses) if (!isPublicAddress(address)) throw notPublic();
}

/** Without the address: whoever asks need not learn what names resolve to inside our network. */
const notPublic = () => new UnsafeTarget('its host is not on the public internet');
