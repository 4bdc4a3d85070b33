# Runs the machine, and again after it has rebooted itself, which nspawn ends with 133 for.
while "$@"; [ $? = 133 ]; do
    echo 'lab: the machine reboots'
done
