// How the two browsers are started: headless, quiet, on loopback.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export async function startChromium(extra = []) {
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath: process.env.EDGECAM_CHROMIUM ?? '/usr/bin/chromium', headless: true,
    args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', ...extra],
  });
}

export async function startFirefox(preferences = {}) {
  const { default: puppeteer } = await import('puppeteer-core');
  const home = mkdtempSync(join(tmpdir(), 'edgecam-firefox-'));
  // Firefox offers H.264 only where it knows of the OpenH264 plug-in. A manifest without the plug-in is enough: it decodes by libavcodec.
  const plugin = join(home, 'gmp-gmpopenh264', '1');
  mkdirSync(plugin, { recursive: true });
  writeFileSync(join(plugin, 'gmpopenh264.info'), 'Name: gmpopenh264\nDescription: GMP Plugin for OpenH264.\nVersion: 2.3.2\nAPIs: encode-video[h264], decode-video[h264]\n');
  const nowhere = 'http://127.0.0.1:1/';
  return puppeteer.launch({
    browser: 'firefox', executablePath: process.env.EDGECAM_FIREFOX ?? '/usr/bin/firefox-esr', headless: true, args: ['--no-remote'],
    env: { ...process.env, HOME: home, MOZ_GMP_PATH: plugin, MOZ_DISABLE_CONTENT_SANDBOX: '1' },
    extraPrefsFirefox: {
      'app.update.enabled': false, 'app.normandy.enabled': false, 'datareporting.policy.dataSubmissionEnabled': false, 'toolkit.telemetry.enabled': false,
      'network.captive-portal-service.enabled': false, 'network.connectivity-service.enabled': false, 'services.settings.server': nowhere,
      'browser.safebrowsing.malware.enabled': false, 'browser.safebrowsing.phishing.enabled': false, 'media.gmp-manager.updateEnabled': false,
      'media.gmp-manager.url': nowhere, 'extensions.update.enabled': false, 'extensions.getAddons.cache.enabled': false,
      'layout.frame_rate': 240, // so that two pictures a few milliseconds apart are both shown, and can be read
      'media.peerconnection.ice.obfuscate_host_addresses': false, 'media.peerconnection.ice.loopback': true, ...preferences,
    },
  });
}
