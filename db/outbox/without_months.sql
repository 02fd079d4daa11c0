declare
    told boolean;
begin
    if tg_op = 'TRUNCATE' then
        told := servery.tell(%1$L, null, null);
    elsif exists (select from touched) then
        told := servery.tell(%1$L, null, null);
    end if;
    return null;
end
