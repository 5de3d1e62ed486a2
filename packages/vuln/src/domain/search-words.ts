import { byBytes } from "@stellaops/kernel";

/** Longest input that is read, longest word that is kept (both in code points), most words of one advisory. */
const maxInput = 100_000;
const maxWord = 64;
const maxWords = 5_000;

/**
 * The words a text is found by, the same for both databases: runs of letters and digits after NFKC and lower case,
 * everything else separates. No stemming, no stop words, no locale.
 */
export function searchWords(...texts: readonly (string | null)[]): readonly string[] {
  const text = texts.filter((part) => part !== null).join("\n");
  const cut = text.length > maxInput ? text.slice(0, maxInput).toWellFormed() : text;
  const words = new Set<string>();
  for (const [word] of cut
    .normalize("NFKC")
    .toLowerCase()
    .matchAll(/[\p{L}\p{N}\p{M}]+/gu)) {
    words.add(word.length <= maxWord ? word : [...word].slice(0, maxWord).join(""));
    if (words.size === maxWords) break;
  }
  return [...words].toSorted(byBytes);
}
