import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { INSTALL, requireProgram, runBuild } from '../../stack/build.ts';

export type Certificate = { keystorePath: string; password: string; caPath: string; pem: string };

/** A self-signed certificate for 127.0.0.1, made by the JDK that runs Kafka. */
export async function makeCertificate(dir: string): Promise<Certificate> {
  const keytool = requireProgram('keytool', 'to make a certificate', INSTALL.java);
  const [keystorePath, caPath] = [path.join(dir, 'broker.p12'), path.join(dir, 'ca.pem')];
  const password = 'changeit';
  const common = ['-keystore', keystorePath, '-storepass', password, '-alias', 'broker'];
  const make = ['-genkeypair', '-keyalg', 'EC', '-dname', 'CN=broker', '-ext', 'SAN=ip:127.0.0.1'];
  await runBuild({ file: keytool, args: [...make, '-storetype', 'PKCS12', ...common], cwd: dir });
  await runBuild({ file: keytool, args: ['-exportcert', '-rfc', '-file', caPath, ...common], cwd: dir });
  return { keystorePath, password, caPath, pem: await readFile(caPath, 'utf8') };
}
