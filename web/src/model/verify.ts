// The command by which anyone checks an evidence file with nothing but the log's public key.

export const evidenceFileName = (shortId: string): string => `truce-evidence-${shortId}.tar`;

/** Two lines for a shell: the key into a file, then `truce verify`. */
export function verifyCommand(file: string, verifierKey: string): string {
  const quoted = verifierKey.trim().replace(/'/g, `'\\''`);
  return `echo '${quoted}' > log.pub\ntruce verify ${file} --key log.pub`;
}
