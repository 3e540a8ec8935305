// The sync key and what follows from it. The key is 256 random bits and is not kept: this browser
// keeps keys that follow from it, and lets no script read them, and the token that signs in.

// Crockford's digits: none that looks like another.
const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const KEY_BYTES = 32;
const CHECK_BYTES = 3;
const GROUP = 4;
const LENGTH = ((KEY_BYTES + CHECK_BYTES) * 8) / 5;

const SALT = "fisherinfo sync 1";
const IV_BYTES = 12;

// What is sealed is filled up to whole blocks, so that its length says little about the text.
const BLOCK = 256;

const utf8 = (text) => new TextEncoder().encode(text);
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Can this page encrypt and keep keys? Browsers allow that on secure connections only. */
export const available = () => Boolean(window.isSecureContext && window.crypto?.subtle && navigator.locks && window.indexedDB);

/** A new key. */
export const newKey = () => crypto.getRandomValues(new Uint8Array(KEY_BYTES));

async function checkOf(key) {
  const head = utf8("fisherinfo sync key");
  const all = new Uint8Array(head.length + key.length);
  all.set(head);
  all.set(key, head.length);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all)).slice(0, CHECK_BYTES);
}

/** A key as people keep it: fourteen groups of four, the last ones a check. */
export async function written(key) {
  const bytes = [...key, ...(await checkOf(key))];
  let text = "";
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += DIGITS[held >> bits];
      held &= (1 << bits) - 1;
    }
  }
  return text.match(new RegExp(`.{${GROUP}}`, "g")).join("-");
}

/** The key that was typed. Throws an error that says where the typo is, if that can be known. */
export async function read(typed) {
  const text = typed.toUpperCase().replace(/[\s\p{Pd}_.]/gu, "").replaceAll("O", "0").replace(/[IL]/g, "1");
  if (text === "") throw new Error("Type or paste the sync key.");
  const strange = Array.from(text).findIndex((digit) => !DIGITS.includes(digit));
  if (strange >= 0) {
    throw new Error(`Group ${Math.floor(strange / GROUP) + 1} has «${Array.from(text)[strange]}», which no sync key has.`);
  }
  if (text.length !== LENGTH) {
    throw new Error(`A sync key has ${LENGTH} letters and digits; this has ${text.length}.`);
  }
  const bytes = [];
  let bits = 0;
  let held = 0;
  for (const digit of text) {
    held = (held << 5) | DIGITS.indexOf(digit);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push(held >> bits);
      held &= (1 << bits) - 1;
    }
  }
  const key = Uint8Array.from(bytes.slice(0, KEY_BYTES));
  const check = await checkOf(key);
  if (check.some((byte, index) => byte !== bytes[KEY_BYTES + index])) {
    throw new Error("There is a typo in this key: its check does not fit. Compare it group by group.");
  }
  return key;
}

/** What follows from a key: the account's id, the token that signs in, and two keys. */
export async function derive(key) {
  const root = await crypto.subtle.importKey("raw", key, "HKDF", false, ["deriveBits", "deriveKey"]);
  const part = (info) => ({ name: "HKDF", hash: "SHA-256", salt: utf8(SALT), info: utf8(info) });
  const [id, token, encryption, naming] = await Promise.all([
    crypto.subtle.deriveBits(part("account"), root, 128),
    crypto.subtle.deriveBits(part("token"), root, 256),
    crypto.subtle.deriveKey(part("encryption"), root, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]),
    crypto.subtle.deriveKey(part("names"), root, { name: "HMAC", hash: "SHA-256", length: 256 }, false, ["sign"]),
  ]);
  return { id: hex(id), token: hex(token), encryption, naming };
}

/** The name under which the server keeps an item: it does not tell the item's own. */
export async function hiddenName(account, name) {
  return hex(await crypto.subtle.sign("HMAC", account.naming, utf8(name)));
}

// Bound to the account and the name: an item that was put in the place of another does not open.
const bound = (account, hidden) => utf8(`${account.id}/${hidden}`);

/** Encrypts what can be written as JSON. */
export async function seal(account, hidden, content) {
  const bare = utf8(JSON.stringify(content));
  const plain = new Uint8Array(Math.ceil(bare.length / BLOCK) * BLOCK).fill(0x20);
  plain.set(bare);
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const algorithm = { name: "AES-GCM", iv, additionalData: bound(account, hidden) };
  const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm, account.encryption, plain));
  const all = new Uint8Array(IV_BYTES + sealed.length);
  all.set(iv);
  all.set(sealed, IV_BYTES);
  return all;
}

/** Decrypts; throws if a single bit or the place is not the one that was written. */
export async function open(account, hidden, bytes) {
  const algorithm = { name: "AES-GCM", iv: bytes.slice(0, IV_BYTES), additionalData: bound(account, hidden) };
  const plain = await crypto.subtle.decrypt(algorithm, account.encryption, bytes.slice(IV_BYTES));
  return JSON.parse(new TextDecoder().decode(plain));
}

function box(mode, work) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("fisherinfo", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("keys");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction("keys", mode);
      const request = work(transaction.objectStore("keys"));
      const end = (answer) => { database.close(); answer(); };
      transaction.oncomplete = () => end(() => resolve(request.result));
      transaction.onabort = () => end(() => reject(transaction.error));
    };
  });
}

/** Keeps the keys of an account in this browser. */
export const keepAccount = (account) => box("readwrite", (keys) => keys.put(account, account.id));

/** The keys of an account, if they are kept here. */
export const keptAccount = (id) => box("readonly", (keys) => keys.get(id));

/** Forgets the keys of all accounts. */
export const forgetAccounts = () => box("readwrite", (keys) => keys.clear());
