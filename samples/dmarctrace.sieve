# Sieve with Dovecot Pigeonhole: the message through dmarctrace before it is stored. Needs samples/dovecot-dmarctrace.conf.
#
# The test "filter" is false when the program fails (no DNS is no failure: it is a result); the message is then as it came, and an
# X-Dmarctrace field in it is the sender's and says nothing.
require ["vnd.dovecot.filter", "fileinto", "mailbox"];

if filter "dmarctrace" {
    # What to do with the result is up to you. Here: test sends that fail go into a folder of their own.
    if header :matches "X-Dmarctrace" "verdict=fail*" {
        fileinto :create "dmarc-fail";
    }
}
