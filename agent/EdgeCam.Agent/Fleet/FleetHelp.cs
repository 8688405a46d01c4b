namespace EdgeCam.Agent.Fleet;

/// <summary>What <c>edgecam fleet --help</c> prints.</summary>
internal static class FleetHelp
{
    public const string Text = """
        edgecam fleet looks after many devices over MQTT.

        edgecam fleet list [PATTERN...] [--offline] [--watch]
                     every device with its state, version, uptime, cameras and viewers; --watch goes on and
                     tells what changes
        edgecam fleet show DEVICE
                     status, telemetry, settings and update of one; --wait 35s stays for the next telemetry
        edgecam fleet call DEVICES METHOD [JSON] [--params FILE]
                     calls any method and prints the result; device.methods lists them
        edgecam fleet logs DEVICE [--follow] [--level warning] [--lines 100]
                     the newest lines of its log
        edgecam fleet config get DEVICE [KEY]
                     the settings in force, and which of them were set remotely
        edgecam fleet config set DEVICES KEY=VALUE... | '{PATCH}' | --file PATCH.json   [--dry-run] [--no-wait] [--revision R]
                     changes settings, waits until each device has confirmed them or rolled them back, and
                     says why. A value is JSON, or text; null is the key's default. Secrets go by --file.
                     Taken only where nobody else has set anything meanwhile (--revision any: in any case)
        edgecam fleet config reset DEVICES [--keys KEY,KEY] [--dry-run] [--no-wait] [--revision R]
                     takes back what was set remotely, or these keys of it
        edgecam fleet config desired DEVICES --file CONFIG.json | --clear   [--valid 30d] [--no-wait]
                     leaves at the broker what is to be set remotely, the whole of it, for devices that are
                     away, too
        edgecam fleet update DEVICES --manifest FILE.jws --url URL [--stop-after-failures 1] [--limit 30m]
                     installs a version on several devices and follows each to its end; begins no further
                     one after so many failures
        edgecam fleet key --out ISSUER.key --jwks ISSUER.jwks [--kid NAME]
                     makes an issuer's key, and adds its public part to a key set that devices are to trust
                     (security.issuers: keysFile). --retire NAME --jwks FILE takes one out of the set
        edgecam fleet token --issuer NAME --key ISSUER.key --audience group:porches,DEVICE [--scope manage]
                     [--ttl 8h] [--name Ann] [--bearer] --out FILE | --page URL --device DEVICE --identity I
                     makes a token by an issuer's key: into a file for --token-file, or as a link for a viewer

        DEVICES: names, patterns in quotes ('porch-*'), --group NAME (device.groups, as devices report them) or
        --all. Of several, --parallel 32 are asked at once (update: 10); one that is offline is not asked, and
        named at the end.

        To the broker:
          --broker URL            mqtt://, mqtts://, ws:// or wss://, as a device's mqtt.broker
          --user NAME, --password-file FILE, --cert FILE, --key FILE, --ca FILE, --alpn NAME
          --client NAME           your name in topics, and client id; the user name where it is left out, as
                                  deploy/broker's rules have it
          --prefix PREFIX         edgecam/v1 where it is left out
          --token-file FILE       what edgecam fleet token --out wrote, or edgecam token printed; needed unless
                                  the devices' security.access is open
          --profile FILE          all of these as JSON: {"broker", "user", "passwordFile", "caFile",
                                  "certificateFile", "keyFile", "alpn", "client", "prefix", "tokenFile"};
                                  ~/.config/edgecam/fleet.json where it is left out
          --timeout 10s           for one answer; --wait 30s for what the broker keeps, at most
        Files with secrets, and the profile, are taken only where nobody else may read them (chmod 600).

        --json prints a JSON object in each line, for programs. Results go to standard output, all else to
        standard error.

        Exit codes: 0 done, at every device, 1 a profile, token, key or file is not what it should be,
                    2 command line not understood, 8 the broker is not reached, or does not allow it,
                    9 a device refused, failed or rolled back, 10 a device is offline, did not answer in time,
                    or is not there, 130 interrupted. With several devices, 9 counts before 10.
        """;
}
