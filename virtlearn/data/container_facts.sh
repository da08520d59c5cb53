# Six facts about the place this runs in. $1 is the namespace of names outside: a name is given only where the wall
# stands, never to the machine itself.
[ -z "$1" ] || [ "$(readlink /proc/self/ns/uts)" = "$1" ] || hostname box-1
uname -r
cat /proc/sys/kernel/random/boot_id
uname -n
echo $$
ls /proc | grep -c '^[0-9]'
readlink /proc/self/ns/mnt
